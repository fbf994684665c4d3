import Foundation
import GRDB

/// What a worker does: claim a job, report, and settle it.
///
/// A claim has a random number, `Job.claim`. A worker passes it with its reports: when the job was taken back meanwhile, whoever has it
/// now, the number no longer fits, and a late report changes nothing. `attempts` would not do: a job that is given back has lost none.
extension JobStore {
    /// Takes the oldest queued job that does not pause: queued -> running. One SQL statement, so two workers, stores or processes never get
    /// the same one.
    /// - Parameters:
    ///   - leaseSeconds: until when the worker promises to `renew`; `rescue` takes the job back after that.
    ///   - worker: its name, for people.
    /// - Returns: the job with its new `attempts` and `claim`; nil when none waits.
    public func claim(now: Date = Date(), leaseSeconds: Double, worker: String) throws -> Job? {
        try writeStatement { db in
            try Job.first(
                db, Self.claimSQL,
                [
                    "now": now.millisecondsSince1970,
                    "leaseExpires": now.addingTimeInterval(leaseSeconds).millisecondsSince1970,
                    "worker": worker, "claim": Int64.random(in: 1 ... .max),
                    "latest": now.addingTimeInterval(Self.maxPauseSeconds).millisecondsSince1970,
                ])
        }
    }

    /// The longest that a job pauses.
    public static let maxPauseSeconds = 300.0

    static let claimSQL = """
        UPDATE job SET
            state = 'running', attempts = attempts + 1, progress = 0,
            started_ms = :now, lease_expires_ms = :leaseExpires, worker = :worker, claim = :claim, next_attempt_ms = NULL
        WHERE sequence = (
            SELECT sequence FROM job AS waiting INDEXED BY job_queue WHERE state = 'queued'
            -- No pause is so long: it was made before the clock was set back.
            AND (next_attempt_ms IS NULL OR next_attempt_ms <= :now OR next_attempt_ms > :latest)
            -- While a twin runs, its output is worth waiting for.
            AND NOT (may_reuse AND content_key IS NOT NULL AND EXISTS (
                SELECT 1 FROM job AS twin WHERE twin.content_key = waiting.content_key AND twin.state = 'running'))
            ORDER BY sequence LIMIT 1)
        RETURNING \(Job.columns)
        """

    /// Stores the model's prediction, 0...999.
    /// - Parameter claim: `Job.claim` of the attempt; nil = whichever is running.
    /// - Returns: false when the worker should stop: a cancel was requested, or the job is no longer this attempt's.
    public func setPredictedTimestep(id: String, _ timestep: Int, claim: Int64? = nil) throws -> Bool {
        try report(id, claim, "predicted_timestep = :timestep", ["timestep": timestep])
    }

    /// Stores how far the work is, 0...1 (clamped; it never falls).
    /// - Returns: false when the worker should stop, as `setPredictedTimestep`.
    public func setProgress(id: String, _ progress: Double, claim: Int64? = nil) throws -> Bool {
        let clamped = progress.isNaN ? 0 : min(max(progress, 0), 1)
        return try report(id, claim, "progress = MAX(progress, :progress)", ["progress": clamped])
    }

    /// running -> succeeded. The output's bytes are in `BlobStore` before this call. A cancel that comes after the last
    /// report loses: the work is done.
    /// - Throws: `notFound`; `conflict` when the job is not running, or not this claim's.
    @discardableResult
    public func finish(id: String, _ output: JobOutput, claim: Int64? = nil, now: Date = Date()) throws -> Job {
        try settle(id, claim, now, "state = 'succeeded', progress = 1, \(JobOutput.assignments)", output.arguments)
    }

    /// running -> failed.
    /// - Throws: as `finish`.
    @discardableResult
    public func fail(
        id: String, problemType: String, detail: String, claim: Int64? = nil, now: Date = Date()
    ) throws -> Job {
        try settle(
            id, claim, now, "state = 'failed', problem_type = :problemType, problem_detail = :detail",
            [
                "problemType": problemType, "detail": detail,
            ])
    }

    /// running -> cancelled, once the worker has stopped.
    /// - Throws: as `finish`.
    @discardableResult
    public func markCancelled(id: String, claim: Int64? = nil, now: Date = Date()) throws -> Job {
        try settle(id, claim, now, "state = 'cancelled'", [:])
    }

    /// Extends the leases of jobs that are being worked on.
    /// - Parameter claims: `Job.claim` by id
    /// - Returns: the ids of those that are still the caller's; work on the others is in vain.
    public func renew(_ claims: [String: Int64], now: Date = Date(), leaseSeconds: Double) throws -> Set<String> {
        guard !claims.isEmpty else { return [] }
        return try write { db in
            var held: Set<String> = []
            for (id, claim) in claims {
                try db.cachedStatement(
                    sql: "UPDATE job SET lease_expires_ms = :expires WHERE id = :id AND state = 'running' AND claim = :claim"
                ).execute(arguments: ["expires": now.addingTimeInterval(leaseSeconds).millisecondsSince1970, "id": id, "claim": claim])
                if db.changesCount == 1 { held.insert(id) }
            }
            return held
        }
    }

    /// Changes a running job and asks whether to go on.
    private func report(_ id: String, _ claim: Int64?, _ set: String, _ arguments: StatementArguments) throws -> Bool {
        try writeStatement { db in
            let job = try Job.first(
                db,
                """
                UPDATE job SET \(set)
                WHERE id = :id AND state = 'running' AND claim IS IFNULL(:claim, claim)
                RETURNING \(Job.columns)
                """, arguments &+ ["id": id, "claim": claim])
            return job.map { !$0.cancelRequested } ?? false
        }
    }

    /// Ends a running job.
    private func settle(
        _ id: String, _ claim: Int64?, _ now: Date, _ set: String, _ arguments: StatementArguments
    ) throws -> Job {
        try write { db in
            let job = try Job.first(
                db,
                """
                UPDATE job SET \(set), finished_ms = :now, lease_expires_ms = NULL
                WHERE id = :id AND state = 'running' AND claim IS IFNULL(:claim, claim)
                RETURNING \(Job.columns)
                """, arguments &+ ["id": id, "claim": claim, "now": now.millisecondsSince1970])
            guard let job else { throw try Self.refusal(id, Self.find(id, db)) }
            return job
        }
    }
}
