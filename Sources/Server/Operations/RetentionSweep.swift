import Foundation
import Logging
import Storage
import Synchronization

/// Removes finished jobs and their pictures when they are beyond the bounds of retention.
///
/// The row goes first, then the files: a crash between leaves files without a job, which the next start removes.
///
/// Calls may come from any thread.
final class RetentionSweep: Sendable {
    private static let sweepSeconds = 30.0
    private static let jobsAtOnce = 500

    private let retention: Retention
    private let jobs: JobStore
    private let blobs: BlobStore
    private let metrics: Metrics
    private let logger: Logger
    private let timer = Mutex<QueueTimer?>(nil)

    init(retention: Retention, jobs: JobStore, blobs: BlobStore, metrics: Metrics, logger: Logger) {
        self.retention = retention
        self.jobs = jobs
        self.blobs = blobs
        self.metrics = metrics
        self.logger = logger
    }

    func start() {
        timer.withLock { timer in
            timer = QueueTimer(every: Self.sweepSeconds, label: "fidediff.retention") { [weak self] in self?.sweepOrLog() }
        }
    }

    func stop() {
        timer.withLock { $0 = nil }
    }

    /// - Returns: the jobs that were removed.
    /// - Throws: `StorageError`
    @discardableResult
    func sweep(now: Date) throws -> [ExpiredJob] {
        var all: [ExpiredJob] = []
        var found: [ExpiredJob]
        repeat {
            found = try jobs.expire(retention, now: now, limit: Self.jobsAtOnce)
            for job in found { try blobs.remove(id: job.id) }
            metrics.expired(found)
            all += found
        } while found.count == Self.jobsAtOnce
        if !all.isEmpty { logger.info("expired jobs removed", metadata: ["jobs": "\(all.count)"]) }
        try jobs.forgetOldRecords(now: now)
        return all
    }

    private func sweepOrLog() {
        do {
            try sweep(now: Date())
        } catch {
            logger.error("cannot remove expired jobs", metadata: ["error": "\(error)"])
        }
    }
}
