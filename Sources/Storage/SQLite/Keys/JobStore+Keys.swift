import Foundation
import GRDB

/// API keys and what they have used today.
extension JobStore {
    /// - Throws: `database` when the id is taken.
    public func addKey(_ key: AccessKey) throws {
        try write { db in
            try db.execute(
                sql: """
                    INSERT INTO access_key (id, name, hash, may_submit, requests_per_minute, pictures_per_day, webhook_secret, created_ms)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    key.id, key.name, key.hash, key.maySubmit, key.requestsPerMinute, key.picturesPerDay, key.webhookSecret,
                    key.createdAt.millisecondsSince1970,
                ])
        }
    }

    /// All keys, revoked ones too, oldest first.
    public func keys() throws -> [AccessKey] {
        try read { try Row.fetchAll($0, sql: "SELECT * FROM access_key ORDER BY created_ms, id").map(AccessKey.init(row:)) }
    }

    /// - Returns: false when there is no such key, or it was revoked before.
    public func revokeKey(id: String, now: Date = Date()) throws -> Bool {
        try write { db in
            try db.execute(
                sql: "UPDATE access_key SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL",
                arguments: [now.millisecondsSince1970, id])
            return db.changesCount == 1
        }
    }

    /// Counts one more picture of a key, unless `limit` are counted already on this UTC day. One statement.
    /// - Returns: how many are left; nil = none was, and nothing was counted.
    public func spendPicture(keyID: String, limit: Int, now: Date = Date()) throws -> Int? {
        try writeStatement { db in
            // All rows are fetched: stepping to the end is what commits.
            try Int.fetchAll(
                db.cachedStatement(
                    sql: """
                        INSERT INTO key_usage (key_id, day, pictures) VALUES (:key, :day, 1)
                        ON CONFLICT (key_id, day) DO UPDATE SET pictures = pictures + 1 WHERE pictures < :limit
                        RETURNING pictures
                        """), arguments: ["key": keyID, "day": Self.day(now), "limit": limit]
            ).first.map { limit - $0 }
        }
    }

    /// Takes a picture back that was counted for nothing.
    public func returnPicture(keyID: String, now: Date = Date()) throws {
        try write { db in
            try db.execute(
                sql: "UPDATE key_usage SET pictures = pictures - 1 WHERE key_id = ? AND day = ? AND pictures > 0",
                arguments: [keyID, Self.day(now)])
        }
    }

    /// Days since 1970, UTC.
    static func day(_ date: Date) -> Int64 {
        date.millisecondsSince1970.quotientAndRemainder(dividingBy: 86_400_000).quotient
    }
}
