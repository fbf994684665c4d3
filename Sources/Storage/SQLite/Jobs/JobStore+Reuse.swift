import Foundation
import GRDB

/// Jobs whose output another job has already.
///
/// A content key stands for everything that an output depends on but the model. A job that may reuse and whose key a succeeded job has is
/// never run: it is stored as succeeded at once, or, when it was queued before its twin was done, settled by the worker that takes it.
/// While a twin runs, `claim` leaves the others of its key waiting.
extension JobStore {
    /// The newest succeeded job with this key whose output this model computed.
    public func succeeded(contentKey: String, modelHash: String) throws -> Job? {
        try readStatement { db in
            try Job.first(
                db,
                """
                SELECT \(Job.columns) FROM job WHERE content_key = :key AND state = 'succeeded' AND model_hash = :model ORDER BY sequence DESC LIMIT 1
                """, ["key": contentKey, "model": modelHash])
        }
    }

    /// Stores a job that is settled before it began, with the output of `twin`. The caller has put its files in place.
    /// It needs no place in the queue.
    /// - Parameters:
    ///   - twin: succeeded.
    ///   - shared: the pictures that are links to those of the twin; others are copies.
    /// - Throws: `conflict` when the id is taken or the twin has not succeeded, `idempotencyKeyReused`, `diskFull`
    public func enqueue(_ new: NewJob, reusing twin: Job, shared: Set<BlobKind> = [], now: Date = Date()) throws -> Job {
        try write { db in
            if let replayed = try Self.replayed(new, db) { return replayed }
            if let other = try Self.find(new.id, db) { throw StorageError.conflict(id: new.id, state: other.state) }
            _ = try Self.insert(new, now: now, db)
            guard let output = twin.outputForTwin(isLinked: shared.contains(.output)) else { throw Self.refusal(twin.id, twin) }
            let settled = try Job.first(
                db,
                """
                UPDATE job SET
                    state = 'succeeded', progress = 1, finished_ms = :now, predicted_timestep = :timestep, input_file = :inputFile,
                    \(JobOutput.assignments)
                WHERE id = :id
                RETURNING \(Job.columns)
                """,
                output.arguments &+ [
                    "id": new.id, "now": now.millisecondsSince1970, "timestep": twin.predictedTimestep,
                    "inputFile": shared.contains(.input) ? twin.inputFile : nil,
                ])
            guard let settled else { throw Self.refusal(new.id, nil) }
            return settled
        }
    }
}
