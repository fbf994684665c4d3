import Dispatch
import Engine
import Foundation
import Logging
import Storage
import Synchronization

/// The workers that run the model, on a Dispatch queue.
///
/// Each worker claims the oldest queued job (one SQL statement), runs it, stores how it ended, and looks again; when nothing waits it
/// ends, and the next `wake` starts one. The queue itself is the database: this file holds no job that is not stored, so
/// a crash at any line loses none. Jobs that a crash left running are queued again at start-up.
///
/// Calls may come from any thread. A worker's job belongs to the thread that claimed it.
final class WorkerPool: Sendable {
    /// How long a worker may be silent. Nothing takes jobs back while this process lives and holds the folder's lock; the lease is for
    /// people.
    private static let leaseSeconds = 3_600.0
    /// Pause after the store refused, doubled each time up to the last.
    private static let retrySeconds = [1.0, 2, 4, 8, 16, 30]
    /// Progress is stored when it has grown by this much.
    private static let reportedStep = 0.01
    /// After the drain, for a job between two tiles to notice.
    private static let interruptSeconds = 2.0

    let workers: Int
    /// Also runs the blur-level calls; the caller bounds them.
    let queue = DispatchQueue(label: "fidediff.workers", qos: .utility, attributes: .concurrent)

    private let engine: any DeblurringEngine
    private let jobs: JobStore
    private let blobs: BlobStore
    private let waiters: JobWaiters
    private let events: JobEvents
    private let logger: Logger
    private let slots: Mutex<WorkerSlots>
    let isInterrupting = Atomic(false)
    private let busy = DispatchGroup()

    init(
        engine: any DeblurringEngine, jobs: JobStore, blobs: BlobStore, waiters: JobWaiters, events: JobEvents, workers: Int,
        logger: Logger
    ) {
        self.engine = engine
        self.jobs = jobs
        self.blobs = blobs
        self.waiters = waiters
        self.events = events
        self.workers = workers
        self.logger = logger
        slots = Mutex(WorkerSlots(workers: workers, isHeld: true))
    }

    /// Queues again what an earlier process left running and removes pictures without a job: before the first request.
    func recover() throws {
        let requeued = try jobs.requeueRunning()
        let orphans = try blobs.removeOrphans(known: jobs.ids())
        let queued = try jobs.queuedCount()
        logger.info(
            "jobs found",
            metadata: [
                "queued": "\(queued)", "requeued": "\(requeued)", "orphan_files_removed": "\(orphans)",
            ])
    }

    /// Starts working. Calling it again changes nothing.
    func start() {
        slots.withLock { $0.release() }
        // One that finds nothing to do ends at once.
        for _ in 0..<workers { wake() }
    }

    /// Tells the pool that a job was queued.
    func wake() {
        if let worker = slots.withLock({ $0.wake() }) { startWorker(worker) }
    }

    /// Takes no more jobs, gives the running ones `drainSeconds`, then stops them between two tiles and puts them back. Blocks.
    /// A job that does not get to its next tile in time stays `running` and is queued again at the next start.
    func stop(drainSeconds: Double) {
        slots.withLock { $0.stop() }
        if busy.wait(timeout: .now() + drainSeconds) == .timedOut {
            isInterrupting.store(true, ordering: .relaxed)
            _ = busy.wait(timeout: .now() + Self.interruptSeconds)
        }
    }

    private func startWorker(_ worker: Int) {
        queue.async(group: busy) { self.work(worker, failures: 0) }
    }

    /// One worker's life: until nothing waits, the pool stops, or the store fails.
    private func work(_ worker: Int, failures: Int) {
        var failures = failures
        while true {
            let (seen, isStopping) = slots.withLock { ($0.arrivals, $0.isStopping) }
            do {
                if !isStopping, let job = try jobs.claim(leaseSeconds: Self.leaseSeconds, worker: "worker \(worker)") {
                    failures = 0
                    run(job)
                } else if slots.withLock({ $0.retire(worker, seen: seen) }) {
                    return
                }
            } catch {
                logger.error("cannot claim a job", metadata: ["error": "\(error)"])
                resume(worker, failures: failures + 1)
                return
            }
        }
    }

    /// Looks again after a pause. The worker keeps its slot meanwhile: a wake-up would fail in the same way.
    private func resume(_ worker: Int, failures: Int) {
        queue.asyncAfter(deadline: .now() + Self.pause(failures)) {
            self.busy.enter()
            self.work(worker, failures: failures)
            self.busy.leave()
        }
    }

    private func run(_ job: Job) {
        logger.info("job started", metadata: job.logMetadata.merging(["attempt": "\(job.attempts)"]) { $1 })
        events.queueMoved(job.id)
        let ending: JobEnding
        do {
            ending = try reuse(job) ?? compute(job)
        } catch {
            ending = JobEnding(error)
            if case .failed(let problem) = ending, problem.type.status.code >= 500 {
                logger.error("job failed", metadata: job.logMetadata.merging(["error": "\(error)"]) { $1 })
            }
        }
        settle(job, ending, failures: 0)
    }

    /// The output of a job of the same content that was run while this one waited.
    private func reuse(_ job: Job) throws -> JobEnding? {
        guard job.mayReuse, let key = job.contentKey, let twin = try jobs.succeeded(contentKey: key, modelHash: engine.modelHash),
            let timestep = twin.predictedTimestep
        else { return nil }
        do {
            let isLinked = try blobs.link(from: twin.id, to: job.id, kind: .output)
            return twin.outputForTwin(isLinked: isLinked).map { .succeeded($0, predictedTimestep: timestep) }
        } catch StorageError.notFound {
            return nil
        }
    }

    private func compute(_ job: Job) throws -> JobEnding {
        let picture = try deblur(job)
        try blobs.write(picture.data, id: job.id, kind: .output)
        let output = JobOutput(
            format: picture.format.rawValue, bytes: picture.data.count, hash: ContentHash.of(picture.data),
            stageSeconds: String(decoding: try JSON.encode(picture.seconds), as: UTF8.self), isUnchanged: picture.isUnchanged,
            reblurPSNR: picture.reblurPSNR, modelHash: engine.modelHash, version: Version.current)
        return .succeeded(output, predictedTimestep: picture.predictedTimestep)
    }

    private func deblur(_ job: Job) throws -> DeblurredPicture {
        let input: Data
        do {
            input = try blobs.read(id: job.id, kind: .input)
        } catch StorageError.notFound {
            throw Problem(.inputGone, "the stored photograph of this job is missing", job: job.id)
        }
        var reported = 0.0
        return try engine.deblur(
            input, options: try JobOptions(stored: job.options, timestep: job.requestedTimestep).deblurOptions,
            onTimestep: { timestep in
                report(job) { try jobs.setPredictedTimestep(id: job.id, timestep, attempt: job.attempts) }
            },
            onProgress: { progress in
                // At 1 the work is done: storing it is quicker than doing it again.
                guard progress >= 1 || !isInterrupting.load(ordering: .relaxed) else { throw JobEnding.Stop.interrupted }
                // Each report is a flush to disk, which also says whether the client has cancelled.
                guard progress >= min(reported + Self.reportedStep, 1) else { return }
                reported = progress
                let goesOn = report(job) { try jobs.setProgress(id: job.id, progress, attempt: job.attempts) }
                guard goesOn else { throw JobEnding.Stop.cancelled }
            })
    }

    /// A report that cannot be stored is no reason to throw the work away.
    /// - Returns: false when the client has cancelled the job.
    @discardableResult
    private func report(_ job: Job, _ store: () throws -> Bool) -> Bool {
        do {
            defer { events.changed(job.id) }
            return try store()
        } catch {
            logger.warning("cannot store progress", metadata: job.logMetadata.merging(["error": "\(error)"]) { $1 })
            return true
        }
    }

    /// Stores the ending, again and again until the store takes it: until then the job is `running`, and would be run again after a crash.
    private func settle(_ job: Job, _ ending: JobEnding, failures: Int) {
        do {
            let settled = try store(job, ending)
            logger.info(
                "job \(settled.state.rawValue)",
                metadata: job.logMetadata.merging([
                    "timestep": "\(settled.predictedTimestep.map(String.init) ?? "-")",
                    "seconds": "\(Date().timeIntervalSince(job.startedAt ?? job.createdAt))",
                ]) { $1 })
            events.changed(job.id)
            if settled.state.isFinal { waiters.settled(settled) }
            // Twins of this job may wait for it, and the worker that ran it may have found nothing else to do.
            if failures > 0 { wake() }
        } catch StorageError.notFound, StorageError.conflict {
            // Not this attempt's any more: someone else has said how it ended.
            logger.warning("job was settled elsewhere", metadata: job.logMetadata)
        } catch {
            logger.error("cannot store how a job ended", metadata: job.logMetadata.merging(["error": "\(error)"]) { $1 })
            busy.enter()
            queue.asyncAfter(deadline: .now() + Self.pause(failures)) {
                self.settle(job, ending, failures: failures + 1)
                self.busy.leave()
            }
        }
    }

    private func store(_ job: Job, _ ending: JobEnding) throws -> Job {
        switch ending {
        case .succeeded(let output, let timestep):
            // Again, in case the report of it was not stored.
            _ = try jobs.setPredictedTimestep(id: job.id, timestep, attempt: job.attempts)
            return try jobs.finish(id: job.id, output, attempt: job.attempts)
        case .failed(let problem):
            return try jobs.fail(
                id: job.id, problemType: problem.type.rawValue, detail: problem.detail, attempt: job.attempts)
        case .cancelled:
            return try jobs.markCancelled(id: job.id, attempt: job.attempts)
        case .interrupted:
            return try jobs.release(id: job.id, attempt: job.attempts)
        }
    }

    private static func pause(_ failures: Int) -> Double {
        retrySeconds[min(failures, retrySeconds.count - 1)]
    }
}
