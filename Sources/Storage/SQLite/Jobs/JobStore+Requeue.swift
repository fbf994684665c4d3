import Foundation
import GRDB

/// Back into the queue with jobs whose worker is gone.
///
/// A requeued job keeps its sequence number, hence its place at the front, and does not count against `maxQueued`:
/// an accepted job is never lost. One that has used up its attempts fails, so that a picture that brings the process down
/// does so `maxAttempts` times and not for ever.
extension JobStore {
    public static let defaultMaxAttempts = 3
    /// `Job.problemType` of a job whose attempts are used up.
    public static let interruptedProblemType = "interrupted"

    /// At start-up, before any worker: every running job was left behind by a process that is gone. One statement for the three ways out,
    /// so that a crash leaves a job wholly before or wholly after.
    /// - Returns: how many jobs wait again. Those beyond `maxAttempts` have failed, those with `cancelRequested` are cancelled.
    @discardableResult
    public func requeueRunning(maxAttempts: Int = defaultMaxAttempts, now: Date = Date()) throws -> Int {
        try writeStatement { db in
            try Job.all(
                db,
                """
                UPDATE job SET
                    state = CASE
                        WHEN cancel_requested         THEN 'cancelled'
                        WHEN attempts >= :maxAttempts THEN 'failed'
                        ELSE 'queued' END,
                    finished_ms    = CASE WHEN cancel_requested OR attempts >= :maxAttempts THEN :now END,
                    problem_type   = CASE WHEN NOT cancel_requested AND attempts >= :maxAttempts THEN :problemType END,
                    problem_detail = CASE WHEN NOT cancel_requested AND attempts >= :maxAttempts THEN
                        'work on this picture was interrupted ' || attempts || ' times, the limit is ' || :maxAttempts
                        || '; send it again, made smaller if it is very large' END,
                    progress = 0, lease_expires_ms = NULL
                WHERE state = 'running'
                RETURNING \(Job.columns)
                """, ["maxAttempts": maxAttempts, "now": now.millisecondsSince1970, "problemType": Self.interruptedProblemType]
            ).count { $0.state == .queued }
        }
    }

    /// Gives a claimed job back, as a process does that is told to stop. The attempt does not count.
    /// - Returns: the job, queued, or cancelled when that was requested.
    /// - Throws: `notFound`; `conflict` when the job is not running, or not this attempt's.
    @discardableResult
    public func release(id: String, attempt: Int? = nil, now: Date = Date()) throws -> Job {
        try write { db in
            let job = try Job.first(
                db,
                """
                UPDATE job SET
                    state       = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
                    finished_ms = CASE WHEN cancel_requested THEN :now ELSE NULL END,
                    attempts = attempts - 1, progress = 0, lease_expires_ms = NULL
                WHERE id = :id AND state = 'running' AND attempts = IFNULL(:attempt, attempts)
                RETURNING \(Job.columns)
                """, ["id": id, "attempt": attempt, "now": now.millisecondsSince1970])
            guard let job else { throw try Self.refusal(id, Self.find(id, db)) }
            return job
        }
    }
}
