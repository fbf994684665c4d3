import Dispatch
import Engine
import Foundation
import Logging
import Storage
import Synchronization

/// The workers that run the model, each on a thread of its own.
///
/// Each worker claims the oldest queued job (one SQL statement), runs it, stores how it ended, and looks again; when nothing waits it
/// ends, and the next `wake` starts one. The queue itself is the database: this file holds no job that is not stored, so
/// a crash at any line loses none. Jobs that a crash left running are queued again at start-up. A beat renews the leases of what is worked
/// on; what hangs loses its lease, is taken back, and its thread is written off: WorkerPool+Beat.swift.
///
/// Calls may come from any thread. A worker's job belongs to the thread that claimed it.
final class WorkerPool: Sendable {
    /// Pause after the store refused, doubled each time up to the last.
    private static let retrySeconds = [1.0, 2, 4, 8, 16, 30]
    /// Progress is stored when it has grown by this much.
    private static let reportedStep = 0.01
    /// After the drain, for a job between two tiles to notice.
    private static let interruptSeconds = 2.0

    let workers: Int
    let settings: WorkSettings
    /// For the calls that run the model beside the jobs; the caller bounds them.
    let queue = DispatchQueue(label: "fidediff.workers", qos: .utility, attributes: .concurrent)
    /// Serial: what is done later, or again and again.
    let later = DispatchQueue(label: "fidediff.workers.later")

    let engine: any DeblurringEngine
    let jobs: JobStore
    let blobs: BlobStore
    let waiters: JobWaiters
    let events: JobEvents
    let metrics: Metrics
    let logger: Logger
    let slots: Mutex<WorkerSlots>
    let isInterrupting = Atomic(false)
    let attempts = Attempts()
    /// In a row; a model that gives nothing but these is of no use.
    let numericalFaults = Atomic(0)
    let timer = Mutex<QueueTimer?>(nil)
    /// Whose threads hang, and that nobody replaces.
    let lostWorkers = Mutex<Set<Int>>([])
    private let busy = DispatchGroup()

    init(
        engine: any DeblurringEngine, jobs: JobStore, blobs: BlobStore, waiters: JobWaiters, events: JobEvents, metrics: Metrics,
        workers: Int, settings: WorkSettings, logger: Logger
    ) {
        self.engine = engine
        self.jobs = jobs
        self.blobs = blobs
        self.waiters = waiters
        self.events = events
        self.metrics = metrics
        self.workers = workers
        self.settings = settings
        self.logger = logger
        slots = Mutex(WorkerSlots(workers: workers, isHeld: true))
    }

    /// Queues again what an earlier process left running: before the first request.
    func recover() throws {
        let left = try jobs.requeueRunning(maxAttempts: settings.maxAttempts)
        for job in left { tellOfLoss(job) }
        let queued = try jobs.queuedCount()
        logger.info(
            "jobs found",
            metadata: ["queued": "\(queued)", "requeued": "\(left.count { $0.state == .queued })"])
    }

    /// Starts working. Calling it again changes nothing.
    func start() {
        slots.withLock { $0.release() }
        startBeating()
        // One that finds nothing to do ends at once.
        for _ in 0..<workers { wake() }
    }

    /// Tells the pool that a job was queued.
    func wake() {
        if let worker = slots.withLock({ $0.wake() }) { startWorker(worker) }
    }

    /// Takes no more jobs, gives the running ones `drainSeconds`, then stops them between two tiles and puts them back. Blocks.
    /// A job that does not get to its next tile in time is put back all the same: its thread, should it come back, has lost its claim.
    func stop(drainSeconds: Double) {
        slots.withLock { $0.stop() }
        if busy.wait(timeout: .now() + drainSeconds) == .timedOut {
            isInterrupting.store(true, ordering: .relaxed)
            _ = busy.wait(timeout: .now() + Self.interruptSeconds)
        }
        timer.withLock { $0 = nil }
        for attempt in attempts.all { putBack(attempt.job) }
    }

    /// Runs what it has to its end, and claims nothing any more.
    func takeNoMore() {
        slots.withLock { $0.stop() }
    }

    private func putBack(_ job: Job) {
        do {
            let released = try jobs.release(id: job.id, claim: job.claim)
            logger.warning("job put back by the stop", metadata: job.logMetadata)
            if released.state.isFinal { waiters.settled(released) }
        } catch StorageError.conflict, StorageError.notFound {
            // It ended a moment ago.
        } catch {
            logger.error("cannot put a job back; the next start does, and counts an attempt", metadata: job.logMetadata.adding(error))
        }
    }

    /// On a thread of its own: one that hangs holds up nothing else.
    func startWorker(_ worker: Int, failures: Int = 0) {
        busy.enter()
        let thread = Thread { [self] in
            if work(worker, failures: failures) { busy.leave() }
        }
        thread.name = "worker-\(worker)"
        thread.start()
    }

    /// Nobody waits for this worker's thread any more.
    func writeOffThread() {
        busy.leave()
    }

    /// One worker's life: until nothing waits, the pool stops, or the store fails.
    /// - Returns: false when it was written off meanwhile.
    private func work(_ worker: Int, failures: Int) -> Bool {
        var failures = failures
        while true {
            let (seen, isStopping) = slots.withLock { ($0.arrivals, $0.isStopping) }
            do {
                if !isStopping, let job = try jobs.claim(leaseSeconds: settings.leaseSeconds, worker: "worker \(worker)") {
                    switch run(job, worker) {
                    case .ready: failures = 0
                    case .needsPause:
                        resume(worker, failures: failures + 1)
                        return true
                    case .writtenOff:
                        returned(worker)
                        return false
                    }
                } else if slots.withLock({ $0.retire(worker, seen: seen) }) {
                    return true
                }
            } catch {
                logger.error("cannot claim a job", metadata: ["error": "\(error)"])
                resume(worker, failures: failures + 1)
                return true
            }
        }
    }

    /// Looks again after a pause. The worker keeps its slot meanwhile: a wake-up would fail in the same way.
    private func resume(_ worker: Int, failures: Int) {
        later.asyncAfter(deadline: .now() + Self.pause(failures)) { self.startWorker(worker, failures: failures) }
    }

    private enum AfterJob {
        case ready
        /// The disk or the database failed: the next job would meet the same.
        case needsPause
        case writtenOff
    }

    private func run(_ job: Job, _ worker: Int) -> AfterJob {
        logger.info("job started", metadata: job.logMetadata.merging(["attempt": "\(job.attempts)"]) { $1 })
        events.queueMoved(job.id)
        let attempt = attempts.begin(
            job, worker: worker, seconds: settings.limitSeconds(pixels: job.workPixels, views: engine.views))
        let ending = ending(of: attempt)
        guard attempts.ends(attempt) else {
            logger.warning("a thread that was written off came back", metadata: job.logMetadata)
            return .writtenOff
        }
        settle(attempt, ending, failures: 0)
        if case .postponed = ending { return .needsPause }
        return .ready
    }

    private func ending(of attempt: Attempts.Attempt) -> JobEnding {
        let job = attempt.job
        do {
            let ending = try reuse(job) ?? compute(attempt)
            numericalFaults.store(0, ordering: .relaxed)
            return ending
        } catch {
            let ending = JobEnding(error)
            if case DeblurError.numericalFault = error { numericalFaults.add(1, ordering: .relaxed) }
            switch ending {
            case .postponed:
                logger.warning("job postponed", metadata: job.logMetadata.adding(error))
            case .failed where Fault(error) == .ours:
                logger.error("job failed", metadata: job.logMetadata.adding(error))
            default: break
            }
            return ending
        }
    }

    /// The output of a job of the same content that was run while this one waited.
    private func reuse(_ job: Job) throws -> JobEnding? {
        guard job.mayReuse, let key = job.contentKey, let twin = try jobs.succeeded(contentKey: key, modelHash: engine.modelHash),
            let timestep = twin.predictedTimestep, try blobs.holdsOutput(of: twin)
        else { return nil }
        do {
            let isLinked = try blobs.link(from: twin.id, to: job.id, kind: .output)
            return twin.outputForTwin(isLinked: isLinked).map { .succeeded($0, predictedTimestep: timestep) }
        } catch StorageError.notFound {
            return nil
        }
    }

    private func compute(_ attempt: Attempts.Attempt) throws -> JobEnding {
        let job = attempt.job
        // Before the work, not after it: an output is about as large as its input.
        try blobs.requireRoom(bytes: job.inputBytes, for: .output)
        let picture = try deblur(attempt)
        try blobs.write(picture.data, id: job.id, kind: .output)
        let output = JobOutput(
            format: picture.format.rawValue, bytes: picture.data.count, hash: ContentHash.of(picture.data),
            stageSeconds: String(decoding: try JSON.encode(picture.seconds), as: UTF8.self), isUnchanged: picture.isUnchanged,
            reblurPSNR: picture.reblurPSNR, modelHash: engine.modelHash, version: Version.current)
        return .succeeded(output, predictedTimestep: picture.predictedTimestep)
    }

    private func deblur(_ attempt: Attempts.Attempt) throws -> DeblurredPicture {
        let job = attempt.job, input: Data
        do {
            input = try blobs.read(id: job.id, kind: .input)
        } catch StorageError.notFound {
            throw Problem(.inputGone, "the stored photograph of this job is missing", job: job.id)
        }
        guard ContentHash.of(input) == job.inputHash else {
            throw Problem(.inputGone, "the stored photograph of this job is damaged", job: job.id)
        }
        attempts.progressed(attempt)
        var reported = 0.0
        return try engine.deblur(
            input, options: try JobOptions(stored: job.options, timestep: job.requestedTimestep).deblurOptions,
            onTimestep: { timestep in
                attempts.progressed(attempt)
                report(job) { try jobs.setPredictedTimestep(id: job.id, timestep, claim: job.claim) }
            },
            onProgress: { progress in
                attempts.progressed(attempt)
                // At 1 the work is done: storing it is quicker than doing it again.
                guard progress >= 1 || !isInterrupting.load(ordering: .relaxed) else { throw JobEnding.Stop.interrupted }
                guard progress >= 1 || .now() < attempt.deadline else { throw tooLong(job, progress) }
                // Each report is a flush to disk, which also says whether the client has cancelled.
                guard progress >= min(reported + Self.reportedStep, 1) else { return }
                reported = progress
                let goesOn = report(job) { try jobs.setProgress(id: job.id, progress, claim: job.claim) }
                guard goesOn else { throw JobEnding.Stop.cancelled }
            })
    }

    private func tooLong(_ job: Job, _ progress: Double) -> Problem {
        let limit = Int(settings.limitSeconds(pixels: job.workPixels, views: engine.views).rounded())
        return Problem(
            .timedOut, "after \(limit) s, the most for \(job.workPixels) pixels, \(Int(progress * 100)) % of the work was done",
            limit: limit)
    }

    /// A report that cannot be stored is no reason to throw the work away.
    /// - Returns: false when the client has cancelled the job.
    @discardableResult
    private func report(_ job: Job, _ store: () throws -> Bool) -> Bool {
        do {
            defer { events.changed(job.id) }
            return try store()
        } catch {
            logger.warning("cannot store progress", metadata: job.logMetadata.adding(error))
            return true
        }
    }

    /// Stores the ending, again and again until the store takes it: until then the job is `running`, and would be run again after a crash.
    private func settle(_ attempt: Attempts.Attempt, _ ending: JobEnding, failures: Int) {
        let job = attempt.job
        do {
            let settled = try store(job, ending)
            attempts.forget(attempt)
            logger.info(
                "job \(settled.state.rawValue)",
                metadata: job.logMetadata.merging([
                    "timestep": "\(settled.predictedTimestep.map(String.init) ?? "-")",
                    "seconds": "\(Date().timeIntervalSince(job.startedAt ?? job.createdAt))",
                ]) { $1 })
            events.changed(job.id)
            if settled.state.isFinal { waiters.settled(settled) }
            if case .postponed = ending { metrics.postponed() }
            if let next = settled.nextAttemptAt { wake(afterSeconds: next.timeIntervalSinceNow) }
            // Twins of this job may wait for it, and the worker that ran it may have found nothing else to do.
            if failures > 0 { wake() }
        } catch StorageError.notFound, StorageError.conflict {
            // Not this attempt's any more: someone else has said how it ended.
            attempts.forget(attempt)
            logger.warning("job was settled elsewhere", metadata: job.logMetadata)
            if failures > 0 { wake() }
        } catch {
            logger.error("cannot store how a job ended", metadata: job.logMetadata.adding(error))
            busy.enter()
            later.asyncAfter(deadline: .now() + Self.pause(failures)) {
                self.settle(attempt, ending, failures: failures + 1)
                self.busy.leave()
            }
        }
    }

    private func store(_ job: Job, _ ending: JobEnding) throws -> Job {
        switch ending {
        case .succeeded(let output, let timestep):
            // Again, in case the report of it was not stored.
            _ = try jobs.setPredictedTimestep(id: job.id, timestep, claim: job.claim)
            return try jobs.finish(id: job.id, output, claim: job.claim)
        case .failed(let problem):
            return try jobs.fail(id: job.id, problemType: problem.type.rawValue, detail: problem.detail, claim: job.claim)
        case .cancelled:
            return try jobs.markCancelled(id: job.id, claim: job.claim)
        case .interrupted:
            return try jobs.release(id: job.id, claim: job.claim)
        case .postponed:
            let seconds = Pause.seconds(afterPauses: job.postponements, spread: Double.random(in: 0...1))
            return try jobs.release(id: job.id, claim: job.claim, pauseSeconds: seconds)
        }
    }

    func wake(afterSeconds seconds: Double) {
        later.asyncAfter(deadline: .now() + max(0, seconds)) { self.wake() }
    }

    private static func pause(_ failures: Int) -> Double {
        retrySeconds[min(failures, retrySeconds.count - 1)]
    }
}

extension Logger.Metadata {
    func adding(_ error: any Error) -> Self { merging(["error": "\(error)"]) { $1 } }
}
