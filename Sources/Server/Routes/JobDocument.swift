// JobDocument.swift: a job in JSON. Every member is always there; what is not known yet is null.

import Engine
import Foundation
import Storage

struct JobDocument: Encodable, Sendable {
    let job: Job
    /// 1 = next; nil unless queued.
    let queuePosition: Int?
    /// Until the job is over, by what was measured on this machine.
    let estimatedSeconds: Double?
    /// When retention by age removes it; nil unless finished.
    let expiresAt: Date?

    /// - Parameter snapshot: as old as the job, or younger; nil for a job that is over, which has no place in the queue.
    init(_ job: Job, _ snapshot: QueueSnapshot?, _ configuration: Configuration) {
        self.job = job
        queuePosition = snapshot?.position(of: job.id)
        estimatedSeconds = snapshot?.secondsLeft(of: job.id, workers: configuration.workers)
        expiresAt = configuration.retention.maxAgeSeconds.flatMap { job.finishedAt?.addingTimeInterval($0) }
    }

    /// Names what the document says of the job's way; the same job has the same id only where nothing but the estimate differs.
    var eventID: String {
        [
            String(job.attempts), job.state.rawValue, job.cancelRequested ? "stop" : "go", String(Int(job.progress * 1000)),
            job.predictedTimestep.map(String.init) ?? "-", queuePosition.map(String.init) ?? "-",
        ].joined(separator: ".")
    }

    private enum Key: String, CodingKey {
        case id, state, progress, attempts, options, input, output, seconds, problem, links, webhook, traceparent
        case expiresAt = "expires_at"
        case queuePosition = "queue_position"
        case estimatedSeconds = "estimated_seconds"
        case requestedTimestep = "requested_timestep"
        case predictedTimestep = "predicted_timestep"
        case cancelRequested = "cancel_requested"
        case createdAt = "created_at"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case reusedFrom = "reused_from"
    }

    private struct Picture: Encodable {
        let format: String
        let bytes: Int
        let width: Int
        let height: Int
    }

    private struct Links: Encodable {
        let `self`, result, input, events, kernels: String
        let webhook: String?

        private enum Key: String, CodingKey {
            case this = "self", result, input, events, kernels, webhook
        }

        init(_ job: Job) {
            let id = job.id
            self.`self` = "/v1/jobs/\(id)"
            result = "/v1/jobs/\(id)/result"
            input = "/v1/jobs/\(id)/input"
            events = "/v1/jobs/\(id)/events"
            kernels = "/v1/jobs/\(id)/kernels"
            webhook = job.context.webhookURL.map { _ in "/v1/jobs/\(id)/webhook" }
        }

        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: Key.self)
            try members.encode(self.`self`, forKey: .this)
            try members.encode(result, forKey: .result)
            try members.encode(input, forKey: .input)
            try members.encode(events, forKey: .events)
            try members.encode(kernels, forKey: .kernels)
            try members.encode(webhook, forKey: .webhook)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(job.id, forKey: .id)
        try members.encode(job.state.rawValue, forKey: .state)
        try members.encode(job.progress, forKey: .progress)
        try members.encode(queuePosition, forKey: .queuePosition)
        try members.encode(estimatedSeconds.map { ($0 * 10).rounded(.up) / 10 }, forKey: .estimatedSeconds)
        try members.encode(job.requestedTimestep, forKey: .requestedTimestep)
        try members.encode(job.predictedTimestep, forKey: .predictedTimestep)
        try members.encode(options, forKey: .options)
        try members.encode(job.attempts, forKey: .attempts)
        try members.encode(job.cancelRequested, forKey: .cancelRequested)
        try members.encode(JSON.rfc3339(job.createdAt), forKey: .createdAt)
        try members.encode(job.startedAt.map(JSON.rfc3339), forKey: .startedAt)
        try members.encode(job.finishedAt.map(JSON.rfc3339), forKey: .finishedAt)
        try members.encode(expiresAt.map(JSON.rfc3339), forKey: .expiresAt)
        try members.encode(job.reusedFrom, forKey: .reusedFrom)
        try members.encode(job.context.webhookURL, forKey: .webhook)
        try members.encode(job.context.traceparent, forKey: .traceparent)
        try members.encode(Picture(format: job.inputFormat, bytes: job.inputBytes, width: job.width, height: job.height), forKey: .input)
        try members.encode(output, forKey: .output)
        try members.encode(job.seconds, forKey: .seconds)
        try members.encode(job.problem, forKey: .problem)
        try members.encode(Links(job), forKey: .links)
    }

    /// Those of a newer version that stored the job show as the defaults.
    private var options: JobOptions {
        (try? JobOptions(stored: job.options, timestep: job.requestedTimestep)) ?? JobOptions(timestep: job.requestedTimestep)
    }

    /// As wide and high as the input, or as its preview.
    private var output: Picture? {
        guard let format = job.outputFormat, let bytes = job.outputBytes else { return nil }
        let size = options.deblurOptions.outputSize(width: job.width, height: job.height)
        return Picture(format: format, bytes: bytes, width: size.width, height: size.height)
    }
}

extension StageSeconds {
    /// In the order in which they are gone through.
    var stages: [(name: String, seconds: Double)] {
        [("decode", decode), ("kernels", kernels), ("diffusion", diffusion), ("encode", encode)]
    }
}

extension Job {
    /// nil until succeeded. The worker stored what it decodes here.
    var seconds: StageSeconds? {
        stageSeconds.flatMap { try? JSONDecoder().decode(StageSeconds.self, from: Data($0.utf8)) }
    }

    /// Why it failed; nil unless it did. A name that a newer version stored reads as an internal error.
    var problem: Problem? {
        guard let problemType else { return nil }
        return Problem(ProblemType(rawValue: problemType) ?? .internalError, problemDetail ?? problemType)
    }
}
