import Foundation
import GRDB
import Synchronization
import Testing

@testable import Storage

/// Every statement that the stores run finds its rows by an index: none walks all jobs or all webhooks.
@Suite(.timeLimit(.minutes(60))) struct StatementPlanTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)
    /// Tables that grow with the pictures that are sent.
    private static let growing = ["job", "webhook_delivery", "tombstone"]
    /// Indices that are walked in their order and up to a limit: what waits, and the last that were computed.
    private static let short = ["job_queue", "job_computed"]

    /// Each verb of the store, run over a few jobs of each kind -> the statements that it took.
    private func statements() throws -> Set<String> {
        let folder = try TemporaryFolder(), all = Mutex<Set<String>>([]), isOpen = Mutex(false)
        let store = try JobStore(directory: folder.url, maxQueued: 100, freeSpace: .measured) { sql in
            if isOpen.withLock({ $0 }) { all.withLock { _ = $0.insert(sql) } }
        }
        isOpen.withLock { $0 = true }
        let now = Self.start
        func new(_ key: String? = "k") -> NewJob {
            var new = NewJob.sample()
            (new.contentKey, new.mayReuse, new.idempotencyKey, new.requestHash) = ("c", false, new.id, "r")
            (new.context.keyID, new.context.webhookURL) = (key, "https://example.org/hook")
            return new
        }
        func claim() throws -> Job { try #require(try store.claim(now: now, leaseSeconds: 30, worker: "w")) }

        // Clients
        let ids = try (0..<8).map { _ in try store.enqueue(new(), now: now).id }
        _ = try (store.job(id: ids[0]), store.queuedCount(), store.job(idempotencyKey: ids[0], requestHash: "r"))
        _ = try store.cancel(id: ids[7], now: now)
        // Workers
        var job = try claim()
        _ = try store.renew([job.id: job.claim ?? 0], leaseSeconds: 30)
        _ = try store.setProgress(id: job.id, 0.5, claim: job.claim)
        _ = try store.setPredictedTimestep(id: job.id, 100, claim: job.claim)
        try store.finish(id: job.id, JobOutput(format: "png", bytes: 5, modelHash: "m"), claim: job.claim, now: now)
        let twin = try #require(try store.succeeded(contentKey: "c", modelHash: "m"))
        let heir = try store.enqueue(new(), reusing: twin, shared: [.input, .output], now: now)
        job = try claim()
        try store.fail(id: job.id, problemType: "p", detail: "d", claim: job.claim, now: now)
        _ = try store.retry(id: job.id)
        job = try claim()
        try store.release(id: job.id, claim: job.claim, pauseSeconds: 5)
        job = try claim()
        try store.markCancelled(id: job.id, claim: job.claim, now: now)
        _ = try claim()
        _ = try store.rescue(pauseSeconds: 5, now: now.addingTimeInterval(60))
        _ = try claim()
        _ = try store.requeueRunning()
        // Lists and figures
        let bounds: [(Int?, Int?, Date?, Date?)] = [(nil, nil, nil, nil), (1, 900, nil, nil), (nil, nil, now, .distantFuture)]
        for states in [nil, [.failed], [.queued, .failed]] as [Set<JobState>?] {
            for key in ["k", nil] {
                for (low, high, from, before) in bounds {
                    var query = JobQuery(
                        states: states, minTimestep: low, maxTimestep: high, createdFrom: from, createdBefore: before, limit: 1)
                    query.keyID = key
                    query.cursor = try store.list(query).nextCursor
                    _ = try store.list(query)
                }
                _ = try store.predictedTimesteps(from: now.addingTimeInterval(-1e6), before: now.addingTimeInterval(1e6), keyID: key)
            }
        }
        _ = try (store.snapshot(), store.totals(), store.predictedTimesteps())
        // Webhooks
        let delivery = try #require(try store.claimWebhook(now: now, leaseSeconds: 50))
        _ = try store.claimWebhook(now: now, leaseSeconds: 50, passing: ["https://example.org"])
        try store.setWebhookBody(id: delivery.id, "{}")
        try store.settleWebhook(id: delivery.id, status: 200, error: nil, retryAt: nil)
        _ = try (store.nextWebhookAt(now: now, longestPauseSeconds: -1), store.webhook(jobID: ids[0]))
        // Ends
        try store.delete(id: heir.id) { _, _ in "{}" }
        let later = now.addingTimeInterval(100 * 86_400)
        for retention in [Retention(maxAgeSeconds: 1), Retention(maxJobs: 0), Retention(maxBytes: 0)] {
            _ = try store.expire(retention, now: later, limit: 1) { _, _ in "{}" }
        }
        try store.expire(Retention(maxAgeSeconds: 1), id: ids[7], now: later)
        _ = try store.hasExpired(id: ids[7])
        try store.forgetOldRecords(now: later)
        _ = try (store.garbage(), store.unknown(["x"]), store.gone(["x"]), store.hasHeldJobs())
        try store.forgetGarbage(["x"])
        // Keys
        try store.addKey(
            AccessKey(
                id: "k", name: "n", hash: Data(count: 32), maySubmit: true, requestsPerMinute: nil, picturesPerDay: nil, webhookSecret: "s",
                createdAt: now, revokedAt: nil))
        _ = try (store.keys(), store.spendPicture(keyID: "k", limit: 5), store.revokeKey(id: "k"))
        try store.returnPicture(keyID: "k")
        return all.withLock { $0 }.filter { sql in
            ["SELECT", "UPDATE", "INSERT", "DELETE", "WITH"].contains { sql.hasPrefix($0) }
        }
    }

    /// The lines of a plan that walk a growing table: whole, or an index of it that is not short.
    private func walks(_ sql: String, _ db: Database) throws -> [String] {
        let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
        // A plan needs no values; what is not bound is NULL.
        statement.setUncheckedArguments([])
        return try Row.fetchAll(statement).map { $0["detail"] as String }.filter { detail in
            guard detail.hasPrefix("SCAN ") else { return false }
            let words = detail.split(separator: " ").map(String.init)
            let isGrowing = Self.growing.contains(words[1]) || ["waiting", "twin"].contains(words[1])
            return isGrowing && !Self.short.contains { words.contains($0) }
        }
    }

    private func walks(_ statements: [String]) throws -> [[String]] {
        let folder = try TemporaryFolder(), store = try folder.jobs()
        return try store.read { db in try statements.map { try walks($0, db) } }
    }

    @Test func noStatementWalksATableThatGrows() throws {
        let statements = try Array(statements())
        #expect(statements.count > 60, "\(statements.count)")
        for (sql, walks) in zip(statements, try walks(statements)) { #expect(walks == [], "\(sql)") }
    }

    /// The test itself tells a walk from a search.
    @Test func walksAreTold() throws {
        let counts = try walks([
            "SELECT COUNT(*) FROM job", "SELECT id FROM job WHERE width = 5", "SELECT state, COUNT(*) FROM job GROUP BY state",
            "DELETE FROM webhook_delivery WHERE last_status = 5", "SELECT id FROM job WHERE id = ?",
        ]).map(\.count)
        #expect(counts == [1, 1, 1, 1, 0])
    }
}
