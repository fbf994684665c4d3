import Foundation
import GRDB

/// A request that is sent again makes no second job.
///
/// The key is kept with the job that its first request made, and forgotten with it.
extension JobStore {
    /// The job that an earlier request with this key made; nil when there was none.
    /// - Parameter requestHash: stands for what the request asks.
    /// - Throws: `idempotencyKeyReused` when the earlier request asked for something else.
    public func job(idempotencyKey: String, requestHash: String) throws -> Job? {
        try read { try Self.replayed(key: idempotencyKey, requestHash: requestHash, $0) }
    }

    /// The job that an idempotency key stands for already, for the transaction that would store another.
    static func replayed(_ new: NewJob, _ db: Database) throws -> Job? {
        guard let key = new.idempotencyKey else { return nil }
        return try replayed(key: key, requestHash: new.requestHash ?? "", db)
    }

    private static func replayed(key: String, requestHash: String, _ db: Database) throws -> Job? {
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT id, request_hash FROM job WHERE idempotency_key = :key"), arguments: ["key": key])
        else { return nil }
        let id: String = try row.decode(forColumn: "id"), hash: String? = try row.decode(forColumn: "request_hash")
        guard hash == requestHash else { throw StorageError.idempotencyKeyReused(id: id) }
        return try find(id, db)
    }
}
