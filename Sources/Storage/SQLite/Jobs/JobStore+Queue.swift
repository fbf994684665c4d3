import Foundation
import GRDB

/// What clients do with the queue: put in, look up, cancel, delete.
extension JobStore {
    /// Puts a job at the end of the queue. It is on disk on return.
    /// - Returns: the new job; the one with another id that an earlier request with the same idempotency key made.
    /// - Throws: `queueFull`, `queueShareUsed` as `requirePlace` (in the same transaction), `conflict` when the id is taken, `diskFull`,
    ///   `idempotencyKeyReused`.
    public func enqueue(_ new: NewJob, now: Date = Date()) throws -> Job {
        try write { db in
            if let replayed = try Self.replayed(new, db) { return replayed }
            if let other = try Self.find(new.id, db) { throw StorageError.conflict(id: new.id, state: other.state) }
            try requirePlace(for: new.context.keyID, db)
            return try Self.insert(new, now: now, db)
        }
    }

    /// The job as it is now; nil when there is none.
    public func job(id: String) throws -> Job? {
        try readStatement { try Self.find(id, $0) }
    }

    /// How many jobs wait.
    public func queuedCount() throws -> Int {
        try readStatement(Self.countQueued)
    }

    /// Stops a job: a queued one is cancelled at once; a running one gets `cancelRequested`, which its worker sees at its
    /// next report. Asking again changes nothing.
    /// - Returns: the job after the change.
    /// - Throws: `notFound`; `conflict` when the job's state is final.
    public func cancel(id: String, now: Date = Date()) throws -> Job {
        try write { db in
            let job = try Self.find(id, db)
            let changed = try Job.first(
                db,
                """
                UPDATE job SET
                    cancel_requested = 1,
                    state       = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END, next_attempt_ms = NULL,
                    finished_ms = CASE state WHEN 'queued' THEN :now ELSE NULL END
                WHERE id = :id AND state IN ('queued', 'running')
                RETURNING \(Job.columns)
                """, ["id": id, "now": now.millisecondsSince1970])
            guard let changed else { throw Self.refusal(id, job) }
            return changed
        }
    }

    /// Forgets a job whose state is final. Its files are the caller's to remove; until then `garbage` has its id.
    /// - Parameter body: for a webhook that is still to be sent, and would find no job to tell of
    /// - Throws: `notFound`; `conflict` when the job is queued or running.
    public func delete(id: String, webhooks body: WebhookBody? = nil) throws {
        try write { db in
            let job = try Self.find(id, db)
            guard let job, job.state.isFinal else { throw Self.refusal(id, job) }
            try Self.keepWebhooks(of: id, body, db)
            try db.execute(sql: "DELETE FROM job WHERE id = :id", arguments: ["id": id])
        }
    }

    static func find(_ id: String, _ db: Database) throws -> Job? {
        try Job.first(db, "SELECT \(Job.columns) FROM job WHERE id = :id", ["id": id])
    }

    /// Why a change that fits only some states did not happen: no such job, or `job` in another state.
    static func refusal(_ id: String, _ job: Job?) -> StorageError {
        job.map { .conflict(id: id, state: $0.state) } ?? .notFound(id: id)
    }

    /// Whether one more job may wait.
    ///
    /// While several API keys may send pictures, none may have more jobs waiting than there are places left: one alone gets half of them,
    /// two a third each, and there is a place for whoever comes next.
    /// - Parameter keyID: whose job it is to be; nil = nobody's in particular
    /// - Throws: `queueFull`, `queueShareUsed`
    public func requirePlace(for keyID: String?) throws {
        try read { try requirePlace(for: keyID, $0) }
    }

    func requirePlace(for keyID: String?, _ db: Database) throws {
        let queued = try Self.countQueued(db), left = maxQueued - queued
        guard left > 0 else { throw StorageError.queueFull(limit: maxQueued, queued: queued) }
        guard let keyID else { return }
        let held = try Int.fetchOne(
            db.cachedStatement(
                sql: "SELECT COUNT(*) FROM job INDEXED BY job_by_key_and_state WHERE key_id = :key AND state = 'queued'"),
            arguments: ["key": keyID])
        guard let held, held >= left else { return }
        let other = try Row.fetchOne(
            db, sql: "SELECT 1 FROM access_key WHERE id <> :key AND may_submit AND revoked_ms IS NULL LIMIT 1", arguments: ["key": keyID])
        guard other == nil else { throw StorageError.queueShareUsed(left: left, held: held) }
    }

    private static func countQueued(_ db: Database) throws -> Int {
        try Int.fetchOne(db.cachedStatement(sql: "SELECT jobs FROM job_total WHERE state = 'queued'")) ?? 0
    }

    static func insert(_ new: NewJob, now: Date, _ db: Database) throws -> Job {
        let inserted = try Job.first(
            db,
            """
            INSERT INTO job (id, requested_timestep, options, input_format, input_bytes, width, height, input_hash, created_ms,
                content_key, may_reuse, idempotency_key, request_hash, work_pixels,
                key_id, request_id, traceparent, tracestate, webhook_url)
            VALUES (:id, :requestedTimestep, :options, :inputFormat, :inputBytes, :width, :height, :inputHash, :now,
                :contentKey, :mayReuse, :idempotencyKey, :requestHash, :workPixels,
                :keyID, :requestID, :traceparent, :tracestate, :webhookURL)
            RETURNING \(Job.columns)
            """,
            [
                "id": new.id, "requestedTimestep": new.requestedTimestep, "options": new.options,
                "inputFormat": new.inputFormat, "inputBytes": new.inputBytes, "width": new.width, "height": new.height,
                "inputHash": new.inputHash, "now": now.millisecondsSince1970, "contentKey": new.contentKey, "mayReuse": new.mayReuse,
                "idempotencyKey": new.idempotencyKey, "requestHash": new.requestHash, "workPixels": new.workPixels,
            ] &+ new.context.arguments)
        // RETURNING gives a row for each one inserted; without it the insert did not happen.
        guard let inserted else { throw refusal(new.id, nil) }
        return inserted
    }
}
