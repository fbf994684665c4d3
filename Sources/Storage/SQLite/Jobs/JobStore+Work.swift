import Foundation
import GRDB

/// What a worker does: claim a job, report, and settle it.
///
/// A claim raises `attempts`. A worker passes that number with its reports: when the job was taken back meanwhile and went to someone else,
/// the number no longer fits, and a late report changes nothing.
extension JobStore {
    /// Takes the oldest queued job: queued -> running. One SQL statement, so two workers, stores or processes never get the same one.
    /// - Parameters:
    ///   - leaseSeconds: until when the worker promises to be done, for people: a job is taken back only at start-up, by `requeueRunning`.
    ///   - worker: its name, for people.
    /// - Returns: the job with its new `attempts`; nil when none waits.
    public func claim(now: Date = Date(), leaseSeconds: Double, worker: String) throws -> Job? {
        try writeStatement { db in
            try Job.first(
                db, Self.claimSQL,
                [
                    "now": now.millisecondsSince1970,
                    "leaseExpires": now.addingTimeInterval(leaseSeconds).millisecondsSince1970,
                    "worker": worker,
                ])
        }
    }

    static let claimSQL = """
        UPDATE job SET
            state = 'running', attempts = attempts + 1, progress = 0,
            started_ms = :now, lease_expires_ms = :leaseExpires, worker = :worker
        WHERE sequence = (
            SELECT sequence FROM job AS waiting WHERE state = 'queued'
            -- While a twin runs, its output is worth waiting for.
            AND NOT (may_reuse AND content_key IS NOT NULL AND EXISTS (
                SELECT 1 FROM job AS twin WHERE twin.content_key = waiting.content_key AND twin.state = 'running'))
            ORDER BY sequence LIMIT 1)
        RETURNING \(Job.columns)
        """

    /// Stores the model's prediction, 0...999.
    /// - Parameter attempt: `Job.attempts` of the claim; nil = whichever attempt is running.
    /// - Returns: false when the worker should stop: a cancel was requested, or the job is no longer this attempt's.
    public func setPredictedTimestep(id: String, _ timestep: Int, attempt: Int? = nil) throws -> Bool {
        try report(id, attempt, "predicted_timestep = :timestep", ["timestep": timestep])
    }

    /// Stores how far the work is, 0...1 (clamped; it never falls).
    /// - Returns: false when the worker should stop, as `setPredictedTimestep`.
    public func setProgress(id: String, _ progress: Double, attempt: Int? = nil) throws -> Bool {
        let clamped = progress.isNaN ? 0 : min(max(progress, 0), 1)
        return try report(id, attempt, "progress = MAX(progress, :progress)", ["progress": clamped])
    }

    /// running -> succeeded. The output's bytes are in `BlobStore` before this call. A cancel that comes after the last
    /// report loses: the work is done.
    /// - Throws: `notFound`; `conflict` when the job is not running, or not this attempt's.
    @discardableResult
    public func finish(id: String, _ output: JobOutput, attempt: Int? = nil, now: Date = Date()) throws -> Job {
        try settle(id, attempt, now, "state = 'succeeded', progress = 1, \(JobOutput.assignments)", output.arguments)
    }

    /// running -> failed.
    /// - Throws: as `finish`.
    @discardableResult
    public func fail(
        id: String, problemType: String, detail: String, attempt: Int? = nil, now: Date = Date()
    ) throws -> Job {
        try settle(
            id, attempt, now, "state = 'failed', problem_type = :problemType, problem_detail = :detail",
            [
                "problemType": problemType, "detail": detail,
            ])
    }

    /// running -> cancelled, once the worker has stopped.
    /// - Throws: as `finish`.
    @discardableResult
    public func markCancelled(id: String, attempt: Int? = nil, now: Date = Date()) throws -> Job {
        try settle(id, attempt, now, "state = 'cancelled'", [:])
    }

    /// Changes a running job and asks whether to go on.
    private func report(_ id: String, _ attempt: Int?, _ set: String, _ arguments: StatementArguments) throws -> Bool {
        try writeStatement { db in
            let job = try Job.first(
                db,
                """
                UPDATE job SET \(set)
                WHERE id = :id AND state = 'running' AND attempts = IFNULL(:attempt, attempts)
                RETURNING \(Job.columns)
                """, arguments &+ ["id": id, "attempt": attempt])
            return job.map { !$0.cancelRequested } ?? false
        }
    }

    /// Ends a running job.
    private func settle(
        _ id: String, _ attempt: Int?, _ now: Date, _ set: String, _ arguments: StatementArguments
    ) throws -> Job {
        try write { db in
            let job = try Job.first(
                db,
                """
                UPDATE job SET \(set), finished_ms = :now, lease_expires_ms = NULL
                WHERE id = :id AND state = 'running' AND attempts = IFNULL(:attempt, attempts)
                RETURNING \(Job.columns)
                """, arguments &+ ["id": id, "attempt": attempt, "now": now.millisecondsSince1970])
            guard let job else { throw try Self.refusal(id, Self.find(id, db)) }
            return job
        }
    }
}
