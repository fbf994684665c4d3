import Foundation
import GRDB

/// Forgets finished jobs that are beyond the bounds of retention, and remembers their ids for a while.
extension JobStore {
    /// What was finished this short a time ago stays: the client that waits for it is about to be sent the file.
    static let graceSeconds = 60.0
    /// How long the id of an expired job is still known.
    static let tombstoneSeconds = 30.0 * 86_400

    /// Forgets up to `limit` jobs, oldest first, in one transaction. The caller removes their files afterwards; a crash between leaves
    /// orphans, which `BlobStore.removeOrphans` finds.
    /// - Returns: what was forgotten; as many as `limit` when there may be more.
    public func expire(_ retention: Retention, now: Date = Date(), limit: Int = 500) throws -> [ExpiredJob] {
        guard !retention.isUnlimited else { return [] }
        return try write { db in
            let expired = try Row.fetchAll(
                db.cachedStatement(sql: Self.expiredSQL),
                arguments: [
                    "oldest": retention.maxAgeSeconds.map { now.addingTimeInterval(-$0).millisecondsSince1970 },
                    "maxJobs": retention.maxJobs, "maxBytes": retention.maxBytes, "limit": limit,
                    "settled": now.addingTimeInterval(-Self.graceSeconds).millisecondsSince1970,
                ]
            ).compactMap { row in
                let id: String = try row.decode(forColumn: "id")
                return ExpiredJob.Reason(rawValue: try row.decode(forColumn: "reason")).map { ExpiredJob(id: id, reason: $0) }
            }
            for job in expired {
                try db.execute(
                    sql: """
                        INSERT OR REPLACE INTO tombstone (id, key_id, expired_ms) SELECT id, key_id, :now FROM job WHERE id = :id
                        """, arguments: ["id": job.id, "now": now.millisecondsSince1970])
                try db.execute(sql: "DELETE FROM job WHERE id = :id", arguments: ["id": job.id])
            }
            return expired
        }
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

    /// Forgets what nobody asks for any more: old tombstones, settled webhooks, the usage of past days.
    public func forgetOldRecords(now: Date = Date()) throws {
        let before = now.addingTimeInterval(-Self.tombstoneSeconds).millisecondsSince1970
        try write { db in
            try db.execute(sql: "DELETE FROM tombstone WHERE expired_ms < ?", arguments: [before])
            try db.execute(sql: "DELETE FROM webhook_delivery WHERE state <> 'pending' AND created_ms < ?", arguments: [before])
            try db.execute(sql: "DELETE FROM key_usage WHERE day < ?", arguments: [Self.day(now) - 30])
        }
    }

    /// Newest first, each row knows its place and the bytes up to and with it; comparing with NULL holds for no row. A file that several
    /// jobs have counts for the newest of them: it takes room until that one goes.
    private static let expiredSQL = """
        WITH stored AS (
            SELECT id, sequence, finished_ms,
                IIF(ROW_NUMBER() OVER (PARTITION BY IFNULL(input_file, id) ORDER BY finished_ms DESC, sequence DESC) = 1, input_bytes, 0)
                + IIF(ROW_NUMBER() OVER (PARTITION BY IFNULL(output_file, id) ORDER BY finished_ms DESC, sequence DESC) = 1, IFNULL(output_bytes, 0), 0)
                AS bytes
            FROM job WHERE finished_ms IS NOT NULL
        ), finished AS (
            SELECT id, finished_ms, ROW_NUMBER() OVER newest AS place, SUM(bytes) OVER newest AS bytes
            FROM stored
            WINDOW newest AS (ORDER BY finished_ms DESC, sequence DESC ROWS UNBOUNDED PRECEDING)
        )
        SELECT id, CASE WHEN finished_ms <= :oldest THEN 'age' WHEN place > :maxJobs THEN 'count' ELSE 'bytes' END AS reason
        FROM finished
        WHERE finished_ms <= :settled AND (finished_ms <= :oldest OR place > :maxJobs OR bytes > :maxBytes)
        ORDER BY finished_ms LIMIT :limit
        """
}
