import Logging
import Storage

/// The pool's heartbeat, and what it finds: jobs that hang.
///
/// What makes progress has its lease renewed. What has made none for `stallSeconds` has not, and is taken back once its lease is over:
/// queued again, or failed after its last attempt. Its thread cannot be stopped from outside; it is written off, and another takes its
/// place, so long as few are lost: a disk that lets every read hang must not fill the process with threads.
extension WorkerPool {
    /// Threads that may hang while others take their places.
    var maxWrittenOff: Int { 2 * workers + 2 }
    /// How long a job that hung waits at least, so that others go before it.
    private static let hungPauseSeconds = 60.0
    /// So many numerical faults in a row, and nothing between them that came out well.
    private static let maxNumericalFaults = 3

    func startBeating() {
        timer.withLock { timer in
            guard timer == nil else { return }
            timer = QueueTimer(every: settings.beatSeconds, label: "fidediff.beat") { [weak self] in self?.beat() }
        }
    }

    private func beat() {
        do {
            // In this order: a clock that jumped makes leases old, and those of jobs that are well are new again before anyone looks.
            _ = try jobs.renew(attempts.renewable(stallSeconds: settings.stallSeconds), leaseSeconds: settings.leaseSeconds)
            for job in try jobs.rescue(maxAttempts: settings.maxAttempts, pauseSeconds: Self.hungPauseSeconds) { takenBack(job) }
        } catch {
            logger.error("cannot renew leases", metadata: ["error": "\(error)"])
        }
        // For pauses that are over.
        wake()
    }

    private func takenBack(_ job: Job) {
        metrics.rescued()
        tellOfLoss(job)
        events.queueMoved(job.id)
        guard let attempt = attempts.writeOff(job) else { return wake() }
        let hung = attempts.writtenOffCount
        logger.critical(
            "a job hangs; its thread is written off",
            metadata: job.logMetadata.merging(["worker": "\(attempt.worker)", "hung_threads": "\(hung)", "limit": "\(maxWrittenOff)"]) {
                $1
            })
        writeOffThread()
        if hung <= maxWrittenOff {
            startWorker(attempt.worker)
        } else {
            lostWorkers.withLock { _ = $0.insert(attempt.worker) }
        }
    }

    /// A thread that was written off came back: where no other has its worker's place, it takes that again.
    func returned(_ worker: Int) {
        if lostWorkers.withLock({ $0.remove(worker) }) != nil { startWorker(worker) }
    }

    /// A job was taken back from a worker that is gone: said, and counted where that ended it.
    func tellOfLoss(_ job: Job) {
        switch job.state {
        case .failed:
            logger.error(
                "job failed: its attempts are used up", metadata: job.logMetadata.merging(["attempts": "\(job.attempts)"]) { $1 })
        default: logger.warning("job taken back", metadata: job.logMetadata.merging(["state": "\(job.state.rawValue)"]) { $1 })
        }
        if job.state.isFinal { waiters.settled(job) }
    }

    /// Why no work is to be expected of this pool; nil = it works.
    var trouble: String? {
        if lostWorkers.withLock({ !$0.isEmpty }) {
            return "\(attempts.writtenOffCount) threads hang, at most \(maxWrittenOff) are replaced; restart the service"
        }
        let stalled = attempts.stalledSeconds()
        if stalled > settings.stallSeconds {
            return "a job has made no progress for \(Int(stalled)) s, the limit is \(Int(settings.stallSeconds)) s"
        }
        let faults = numericalFaults.load(ordering: .relaxed)
        if faults >= Self.maxNumericalFaults { return "the last \(faults) jobs ended with values that are not finite; check the weights" }
        return nil
    }
}
