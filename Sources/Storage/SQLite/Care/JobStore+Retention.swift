import Foundation
import GRDB

/// Forgets finished jobs that are beyond the bounds of retention, and remembers their ids for a while.
extension JobStore {
    /// How long the id of an expired job is still known.
    static let tombstoneSeconds = 30.0 * 86_400
    /// Removed in one transaction, so that other writers wait for milliseconds: a job costs half a one (`make bench-store`).
    private static let rowsAtOnce = 25

    /// Forgets up to `limit` jobs, oldest first, in one transaction. Their files are the caller's to remove; until then `garbage` has them.
    /// - Parameter body: for webhooks that are still to be sent, as of `delete`
    /// - Returns: what was forgotten; as many as `limit` when there may be more.
    public func expire(
        _ retention: Retention, now: Date = Date(), limit: Int = 25, webhooks body: WebhookBody? = nil
    ) throws -> [ExpiredJob] {
        guard !retention.isUnlimited else { return [] }
        let oldest = retention.maxAgeSeconds.map { now.addingTimeInterval(-$0).millisecondsSince1970 } ?? .min
        // By index and without a transaction: mostly there is nothing to do, and no writer has to wait to hear that.
        guard try read({ try Self.next(retention, oldest, now, limit: 1, $0) }).first != nil else { return [] }
        return try write { db in
            var expired: [ExpiredJob] = []
            for (id, finished) in try Self.next(retention, oldest, now, limit: limit, db) {
                guard let reason = try Self.reason(retention, finished, oldest, db) else { break }
                try Self.bury(id, now, body, db)
                expired.append(ExpiredJob(id: id, reason: reason))
            }
            return expired
        }
    }

    /// Forgets this job, if it is beyond its age.
    public func expire(_ retention: Retention, id: String, now: Date = Date(), webhooks body: WebhookBody? = nil) throws {
        try write { db in
            guard let job = try Self.find(id, db), retention.isOver(job, now: now) else { return }
            try Self.bury(id, now, body, db)
        }
    }

    /// The oldest finished jobs. One that finished in the future did so before the clock was set back.
    private static func next(
        _ retention: Retention, _ oldest: Int64, _ now: Date, limit: Int, _ db: Database
    ) throws -> [(id: String, finished: Int64)] {
        let settled = now.addingTimeInterval(-Retention.graceSeconds).millisecondsSince1970
        let past = try candidates("finished_ms <= :settled", settled, now, limit, db)
        let all =
            past.count < limit ? past + (try candidates("finished_ms > :now", settled, now, limit - past.count, db)) : past
        guard let first = all.first, try reason(retention, first.finished, oldest, db) != nil else { return [] }
        return all
    }

    private static func candidates(
        _ condition: String, _ settled: Int64, _ now: Date, _ limit: Int, _ db: Database
    ) throws -> [(id: String, finished: Int64)] {
        let moment = condition.contains(":now") ? ["now": now.millisecondsSince1970] : ["settled": settled]
        return try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT id, finished_ms FROM job WHERE finished_ms IS NOT NULL AND \(condition) ORDER BY finished_ms, sequence LIMIT :limit
                    """),
            arguments: StatementArguments(moment) &+ ["limit": limit]
        ).map { (try $0.decode(forColumn: "id"), try $0.decode(forColumn: "finished_ms")) }
    }

    /// Why the oldest finished job is to go; nil = it stays. What is finished is counted as it is now, within the transaction.
    private static func reason(_ retention: Retention, _ finished: Int64, _ oldest: Int64, _ db: Database) throws -> ExpiredJob.Reason? {
        if finished <= oldest { return .age }
        guard retention.maxJobs != nil || retention.maxBytes != nil else { return nil }
        let totals = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT SUM(jobs) AS jobs, SUM(input_bytes + output_bytes) AS bytes FROM job_total WHERE state IN ('succeeded', 'failed', 'cancelled')
                    """))
        let jobs: Int = try totals?.decode(forColumn: "jobs") ?? 0, bytes: Int = try totals?.decode(forColumn: "bytes") ?? 0
        if let most = retention.maxJobs, jobs > most { return .count }
        if let most = retention.maxBytes, bytes > most { return .bytes }
        return nil
    }

    private static func bury(_ id: String, _ now: Date, _ body: WebhookBody?, _ db: Database) throws {
        try keepWebhooks(of: id, body, db)
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO tombstone (id, key_id, expired_ms) SELECT id, key_id, :now FROM job WHERE id = :id"
        ).execute(arguments: ["id": id, "now": now.millisecondsSince1970])
        try db.cachedStatement(sql: "DELETE FROM job WHERE id = :id").execute(arguments: ["id": id])
    }

    /// The job is no longer there because it expired.
    /// - Parameter keyID: only when it was this key's; nil = whosever it was.
    public func hasExpired(id: String, keyID: String? = nil) throws -> Bool {
        try read { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM tombstone WHERE id = :id AND key_id IS IFNULL(:keyID, key_id))
                        """), arguments: ["id": id, "keyID": keyID]) ?? false
        }
    }

    /// Forgets what nobody asks for any more, a little in each transaction: old tombstones, settled webhooks, the usage of past days.
    public func forgetOldRecords(now: Date = Date()) throws {
        let before = now.addingTimeInterval(-Self.tombstoneSeconds).millisecondsSince1970
        let old = [
            ("tombstone", "expired_ms < :before"), ("webhook_delivery", "state <> 'pending' AND created_ms < :before"),
        ]
        for (table, condition) in old {
            let which = "SELECT id FROM \(table) WHERE \(condition) LIMIT :limit"
            let arguments: StatementArguments = ["before": before, "limit": Self.rowsAtOnce]
            while try read({ try String.fetchOne($0, sql: which, arguments: arguments) }) != nil {
                try write { try $0.execute(sql: "DELETE FROM \(table) WHERE id IN (\(which))", arguments: arguments) }
            }
        }
        let day = Self.day(now) - 30
        if try read({ try Bool.fetchOne($0, sql: "SELECT EXISTS (SELECT 1 FROM key_usage WHERE day < ?)", arguments: [day]) }) == true {
            try write { try $0.execute(sql: "DELETE FROM key_usage WHERE day < ?", arguments: [day]) }
        }
    }
}
