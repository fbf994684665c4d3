// JobStore+Work.swift: what a worker does: claim a job, report, and settle it.
//
// A claim gives the worker a lease and raises `attempts`. A worker passes that number with its reports: when its lease
// ran out and the job went to someone else, the number no longer fits, and a late report changes nothing.

import Foundation
import GRDB

extension JobStore {
    /// Takes the oldest queued job: queued -> running. One SQL statement, so two workers, stores or processes never get the same one.
    /// - Parameters:
    ///   - leaseSeconds: how long the worker may be silent before `requeueExpired` takes the job back.
    ///   - worker: its name, for people.
    /// - Returns: the job with its new `attempts`; nil when none waits.
    public func claim(now: Date = Date(), leaseSeconds: Double, worker: String) throws -> Job? {
        try writeStatement { db in
            try Job.first(db, Self.claimSQL, [
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

    /// Renews the lease.
    /// - Parameter attempt: `Job.attempts` of the claim; nil = whichever attempt is running.
    /// - Returns: false when the worker should stop: a cancel was requested, or the job is no longer this attempt's.
    public func heartbeat(id: String, attempt: Int? = nil, now: Date = Date(), leaseSeconds: Double) throws -> Bool {
        try report(id, attempt, "lease_expires_ms = :leaseExpires", [
            "leaseExpires": now.addingTimeInterval(leaseSeconds).millisecondsSince1970
        ])
    }

    /// Stores the model's prediction, 0...999.
    /// - Returns: false when the worker should stop, as `heartbeat`.
    public func setPredictedTimestep(id: String, _ timestep: Int, attempt: Int? = nil) throws -> Bool {
        try report(id, attempt, "predicted_timestep = :timestep", ["timestep": timestep])
    }

    /// Stores how far the work is, 0...1 (clamped; it never falls).
    /// - Returns: false when the worker should stop, as `heartbeat`.
    public func setProgress(id: String, _ progress: Double, attempt: Int? = nil) throws -> Bool {
        let clamped = progress.isNaN ? 0 : min(max(progress, 0), 1)
        return try report(id, attempt, "progress = MAX(progress, :progress)", ["progress": clamped])
    }

    /// running -> succeeded. The output's bytes are in `BlobStore` before this call. A cancel that comes after the last
    /// report loses: the work is done.
    /// - Parameters:
    ///   - outputHash: SHA-256 of the output, hexadecimal.
    ///   - isUnchanged: it is the photograph itself.
    ///   - reblurPSNR: of the output, dB.
    ///   - reusedFrom: the job whose output it is, if it was not computed.
    ///   - outputFile: the job under whose name the output was first stored, if it is a link.
    ///   - modelHash: the model that computed it.
    ///   - version: of the program that computed it.
    /// - Throws: `notFound`; `conflict` when the job is not running, or not this attempt's.
    @discardableResult
    public func finish(
        id: String, outputFormat: String, outputBytes: Int, stageSeconds: String?, outputHash: String? = nil, isUnchanged: Bool? = nil,
        reblurPSNR: Double? = nil, reusedFrom: String? = nil, outputFile: String? = nil, modelHash: String? = nil, version: String? = nil,
        attempt: Int? = nil, now: Date = Date()
    ) throws -> Job {
        try settle(id, attempt, now, """
            state = 'succeeded', progress = 1, output_format = :outputFormat, output_bytes = :outputBytes, output_hash = :outputHash,
            stage_seconds = :stageSeconds, unchanged = :unchanged, reblur_psnr = :psnr, reused_from = :reusedFrom,
            output_file = :outputFile, model_hash = :modelHash, version = :version
            """, [
                "outputFormat": outputFormat, "outputBytes": outputBytes, "outputHash": outputHash, "stageSeconds": stageSeconds,
                "unchanged": isUnchanged, "psnr": reblurPSNR, "reusedFrom": reusedFrom, "outputFile": outputFile, "modelHash": modelHash,
                "version": version,
            ])
    }

    /// running -> failed.
    /// - Throws: as `finish`.
    @discardableResult
    public func fail(
        id: String, problemType: String, detail: String, attempt: Int? = nil, now: Date = Date()
    ) throws -> Job {
        try settle(id, attempt, now, "state = 'failed', problem_type = :problemType, problem_detail = :detail", [
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
            let job = try Job.first(db, """
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
            let job = try Job.first(db, """
                UPDATE job SET \(set), finished_ms = :now, lease_expires_ms = NULL
                WHERE id = :id AND state = 'running' AND attempts = IFNULL(:attempt, attempts)
                RETURNING \(Job.columns)
                """, arguments &+ ["id": id, "attempt": attempt, "now": now.millisecondsSince1970])
            guard let job else { throw try Self.refusal(id, Self.find(id, db)) }
            return job
        }
    }
}
