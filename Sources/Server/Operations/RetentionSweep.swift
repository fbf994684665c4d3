import Foundation
import Logging
import Storage
import Synchronization

/// Removes finished jobs and their pictures when they are beyond the bounds of retention.
///
/// The row goes first and leaves word of its files, then the files: what a crash or the disk leaves of them, the next sweep removes.
///
/// Calls may come from any thread.
final class RetentionSweep: Sendable {
    private static let sweepSeconds = 30.0
    private let retention: Retention
    private let jobs: JobStore
    private let garbage: GarbageSweep
    private let webhookBody: @Sendable (Job, WebhookDelivery) -> String
    private let metrics: Metrics
    private let logger: Logger
    private let timer = Mutex<QueueTimer?>(nil)

    init(
        retention: Retention, jobs: JobStore, garbage: GarbageSweep, metrics: Metrics, logger: Logger,
        webhookBody: @escaping @Sendable (Job, WebhookDelivery) -> String
    ) {
        self.retention = retention
        self.jobs = jobs
        self.garbage = garbage
        self.webhookBody = webhookBody
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
            found = try jobs.expire(retention, now: now, webhooks: webhookBody)
            metrics.expired(found)
            all += found
        } while !found.isEmpty
        if !all.isEmpty { logger.info("expired jobs removed", metadata: ["jobs": "\(all.count)"]) }
        try garbage.run()
        try jobs.forgetOldRecords(now: now)
        try jobs.truncateLog()
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
