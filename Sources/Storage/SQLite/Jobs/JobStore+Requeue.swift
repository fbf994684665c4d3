import Foundation
import GRDB

/// Back into the queue: jobs whose worker is gone, jobs that could not be worked on now, failed jobs that are to be tried again.
///
/// A requeued job keeps its sequence number, hence its place at the front, and does not count against `maxQueued`:
/// an accepted job is never lost. One that has used up its attempts fails, so that a picture that brings the process down
/// does so `maxAttempts` times and not for ever.
extension JobStore {
    public static let defaultMaxAttempts = 3

    /// Why jobs are taken back, which counts as an attempt. The raw value is `Job.problemType` of those whose attempts are used up.
    public enum Loss: String, Sendable {
        /// The process that worked on it is gone.
        case interrupted
        /// Its worker has said nothing for a lease.
        case timedOut = "timed_out"

        fileprivate var text: String {
            switch self {
            case .interrupted: "was interrupted"
            case .timedOut: "came to nothing in time"
            }
        }
    }

    /// At start-up, before any worker: every running job was left behind by a process that is gone. One statement for the three ways out,
    /// so that a crash leaves a job wholly before or wholly after.
    /// - Returns: the jobs as they are now: queued; failed where they were beyond `maxAttempts`; cancelled where that was requested.
    @discardableResult
    public func requeueRunning(maxAttempts: Int = defaultMaxAttempts, now: Date = Date()) throws -> [Job] {
        try requeue(.interrupted, "state = 'running'", maxAttempts, pauseSeconds: nil, now)
    }

    /// Takes back the jobs whose leases are over. Call `renew` for those that are worked on before this, so that a clock that was set
    /// forward takes no job from a worker that is well.
    /// - Parameter pauseSeconds: how long they wait at least, so that others go before them.
    /// - Returns: as `requeueRunning`
    public func rescue(maxAttempts: Int = defaultMaxAttempts, pauseSeconds: Double, now: Date = Date()) throws -> [Job] {
        try requeue(.timedOut, "state = 'running' AND lease_expires_ms < :now", maxAttempts, pauseSeconds: pauseSeconds, now)
    }

    private func requeue(_ loss: Loss, _ which: String, _ maxAttempts: Int, pauseSeconds: Double?, _ now: Date) throws -> [Job] {
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
                        'work on this picture ' || :problemText || ' ' || attempts || ' times, the limit is ' || :maxAttempts
                        || '; send it again, made smaller if it is very large' END,
                    next_attempt_ms = CASE WHEN NOT cancel_requested AND attempts < :maxAttempts THEN :next END,
                    progress = 0, lease_expires_ms = NULL
                WHERE \(which)
                RETURNING \(Job.columns)
                """,
                [
                    "maxAttempts": maxAttempts, "now": now.millisecondsSince1970, "problemType": loss.rawValue, "problemText": loss.text,
                    "next": pauseSeconds.map { now.addingTimeInterval($0).millisecondsSince1970 },
                ])
        }
    }

    /// Gives a claimed job back: the process is told to stop, or disk, memory or database were not there for it. The attempt does not count.
    /// - Parameter pauseSeconds: how long it waits at least, at most `maxPauseSeconds`; nil = not at all.
    /// - Returns: the job, queued, or cancelled when that was requested.
    /// - Throws: `notFound`; `conflict` when the job is not running, or not this claim's.
    @discardableResult
    public func release(id: String, claim: Int64? = nil, pauseSeconds: Double? = nil, now: Date = Date()) throws -> Job {
        let next = pauseSeconds.map { now.addingTimeInterval(min($0, Self.maxPauseSeconds)).millisecondsSince1970 }
        return try write { db in
            let job = try Job.first(
                db,
                """
                UPDATE job SET
                    state       = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
                    finished_ms = CASE WHEN cancel_requested THEN :now ELSE NULL END,
                    next_attempt_ms = CASE WHEN NOT cancel_requested THEN :next END, postponements = postponements + (:next IS NOT NULL),
                    attempts = attempts - 1, progress = 0, lease_expires_ms = NULL
                WHERE id = :id AND state = 'running' AND claim IS IFNULL(:claim, claim)
                RETURNING \(Job.columns)
                """, ["id": id, "claim": claim, "now": now.millisecondsSince1970, "next": next])
            guard let job else { throw try Self.refusal(id, Self.find(id, db)) }
            return job
        }
    }

    /// failed -> queued, as if it had just been sent, at its old place. The caller has seen that its input is there.
    /// - Throws: `notFound`; `conflict` when the job has not failed; `queueFull`, `queueShareUsed`
    public func retry(id: String) throws -> Job {
        try write { db in
            let before = try Self.find(id, db)
            guard before?.state == .failed else { throw Self.refusal(id, before) }
            try requirePlace(for: before?.context.keyID, db)
            let job = try Job.first(
                db,
                """
                UPDATE job SET state = 'queued', attempts = 0, postponements = 0, retries = retries + 1, cancel_requested = 0, progress = 0,
                    predicted_timestep = NULL, started_ms = NULL, finished_ms = NULL, next_attempt_ms = NULL, problem_type = NULL,
                    problem_detail = NULL
                WHERE id = :id AND state = 'failed'
                RETURNING \(Job.columns)
                """, ["id": id])
            guard let job else { throw Self.refusal(id, before) }
            return job
        }
    }
}
