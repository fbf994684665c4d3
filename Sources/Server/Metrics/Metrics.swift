import Engine
import Foundation
import HTTPTypes
import Storage
import Synchronization

/// What this process has counted since it started. What the store knows (how many wait, how much is stored) is read from it
/// when somebody asks: MetricsResource.swift.
///
/// Calls may come from any thread; each takes one short lock.
final class Metrics: Sendable {
    /// Route of a request that found none, so that strangers cannot make labels.
    static let noRoute = "none"

    struct RouteKey: Hashable, Sendable {
        let method: String
        let route: String
    }
    struct AnswerKey: Hashable, Sendable {
        let route: RouteKey
        let status: Int
    }
    struct Counts: Sendable {
        var answers: [AnswerKey: UInt64] = [:]
        var answerSeconds: [RouteKey: Histogram] = [:]
        var receivedBytes = 0
        var sentBytes = 0
        var turnedAway: [TurnedAway: UInt64] = [:]
        var settled: [JobState: UInt64] = [:]
        var reused: UInt64 = 0
        var waitSeconds = Histogram(bounds: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600])
        var runSeconds = Histogram(bounds: [0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600])
        var stageSeconds: [String: Histogram] = [:]
        /// The bounds of the training's six timesteps and both sides of them.
        var timesteps = Histogram(bounds: [0, 20, 40, 80, 120, 160, 200, 240, 280, 320, 400, 500, 700, 999])
        var postponed: UInt64 = 0
        var rescued: UInt64 = 0
        var expired: [ExpiredJob.Reason: UInt64] = [:]
        var webhookAttempts: [WebhookOutcome: UInt64] = [:]
    }
    enum WebhookOutcome: String, CaseIterable, Sendable { case delivered, retried, failed }

    private static let answerBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
    private static let stageBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300]
    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

    let startedAt = Date()
    private let counts = Mutex(Counts())

    /// All counts at one moment.
    var current: Counts { counts.withLock { $0 } }

    /// Counts an answer.
    /// - Parameter route: its template; nil where no route was found
    func answered(_ method: HTTPRequest.Method?, route: String?, status: Int, seconds: Double?, receivedBytes: Int, sentBytes: Int) {
        let name = method.map { Self.methods.contains($0) ? $0.rawValue : "other" } ?? "none"
        let key = RouteKey(method: name, route: route ?? Self.noRoute)
        counts.withLock { counts in
            counts.answers[AnswerKey(route: key, status: status), default: 0] += 1
            if let seconds { counts.answerSeconds[key, default: Histogram(bounds: Self.answerBounds)].observe(seconds) }
            counts.receivedBytes += receivedBytes
            counts.sentBytes += sentBytes
        }
    }

    /// Bytes of a body whose answer was counted when it began.
    func sent(_ bytes: Int) {
        counts.withLock { $0.sentBytes += bytes }
    }

    /// A connection ended because there are more than there is room for.
    func turnedAway(_ reason: TurnedAway) {
        counts.withLock { $0.turnedAway[reason, default: 0] += 1 }
    }

    /// A job's state has become final.
    func settled(_ job: Job) {
        let stages = job.seconds?.stages ?? []
        counts.withLock { counts in
            counts.settled[job.state, default: 0] += 1
            // Later attempts waited for a restart, a pause or a client, not for the queue.
            if let started = job.startedAt, job.attempts == 1, job.retries == 0, job.postponements == 0 {
                counts.waitSeconds.observe(max(0, started.timeIntervalSince(job.createdAt)))
            }
            // Its output, timestep and stages are another job's, and were counted with that one.
            guard job.output?.reusedFrom == nil else { return counts.reused += 1 }
            if let timestep = job.predictedTimestep { counts.timesteps.observe(Double(timestep)) }
            if let started = job.startedAt, let finished = job.finishedAt {
                counts.runSeconds.observe(max(0, finished.timeIntervalSince(started)))
            }
            for stage in stages { counts.stageSeconds[stage.name, default: Histogram(bounds: Self.stageBounds)].observe(stage.seconds) }
        }
    }

    /// A job was given back since disk, memory or database were not there for it.
    func postponed() {
        counts.withLock { $0.postponed += 1 }
    }

    /// A job was taken back from a worker that said nothing any more.
    func rescued() {
        counts.withLock { $0.rescued += 1 }
    }

    func expired(_ jobs: [ExpiredJob]) {
        counts.withLock { counts in
            for job in jobs { counts.expired[job.reason, default: 0] += 1 }
        }
    }

    func webhook(_ outcome: WebhookOutcome) {
        counts.withLock { $0.webhookAttempts[outcome, default: 0] += 1 }
    }
}
