import Foundation
import GRDB

/// A row of the table `job` -> Job.
extension Job {
    /// Named, not *: SQLite finds out only at a statement's first step that another connection has added columns, and the row that the step
    /// gives would have some that its cursor does not know.
    static let columns = """
        id, state, sequence, progress, requested_timestep, predicted_timestep, options, input_format, input_bytes, width, height, work_pixels, input_hash, \
        content_key, may_reuse, input_file, created_ms, started_ms, finished_ms, attempts, cancel_requested, worker, lease_expires_ms, \
        claim, next_attempt_ms, postponements, retries, \
        problem_type, problem_detail, \(JobOutput.columns), \(JobContext.columns)
        """

    /// - Parameter row: has `columns`.
    /// - Throws: `StorageError.corruptDatabase` or GRDB's decoding error when a column is missing or holds what no version writes.
    init(row: Row) throws {
        let id = try row.decode(String.self, forColumn: "id")
        let stateName = try row.decode(String.self, forColumn: "state")
        guard let state = JobState(rawValue: stateName) else {
            throw StorageError.corruptDatabase("job \(id) has the unknown state '\(stateName)'")
        }
        func date(_ column: String) throws -> Date? {
            try row.decode(Int64?.self, forColumn: column).map(Date.init(millisecondsSince1970:))
        }

        self.id = id
        self.state = state
        sequence = try row.decode(forColumn: "sequence")
        progress = try row.decode(forColumn: "progress")
        requestedTimestep = try row.decode(forColumn: "requested_timestep")
        predictedTimestep = try row.decode(forColumn: "predicted_timestep")
        options = try row.decode(forColumn: "options")
        inputFormat = try row.decode(forColumn: "input_format")
        inputBytes = try row.decode(forColumn: "input_bytes")
        width = try row.decode(forColumn: "width")
        height = try row.decode(forColumn: "height")
        workPixels = try row.decode(Int?.self, forColumn: "work_pixels") ?? width * height
        inputHash = try row.decode(forColumn: "input_hash")
        contentKey = try row.decode(forColumn: "content_key")
        mayReuse = try row.decode(forColumn: "may_reuse")
        inputFile = try row.decode(String?.self, forColumn: "input_file") ?? id
        output = try JobOutput(row: row)
        createdAt = Date(millisecondsSince1970: try row.decode(forColumn: "created_ms"))
        startedAt = try date("started_ms")
        finishedAt = try date("finished_ms")
        attempts = try row.decode(forColumn: "attempts")
        cancelRequested = try row.decode(forColumn: "cancel_requested")
        worker = try row.decode(forColumn: "worker")
        leaseExpiresAt = try date("lease_expires_ms")
        claim = try row.decode(forColumn: "claim")
        nextAttemptAt = try date("next_attempt_ms")
        postponements = try row.decode(forColumn: "postponements")
        retries = try row.decode(forColumn: "retries")
        context = try JobContext(row: row)
        problemType = try row.decode(forColumn: "problem_type")
        problemDetail = try row.decode(forColumn: "problem_detail")
    }

    /// The first row that `sql` gives; `sql` may be a change with RETURNING. The statement is compiled once a connection.
    static func first(_ db: Database, _ sql: String, _ arguments: StatementArguments) throws -> Job? {
        try all(db, sql, arguments).first
    }

    /// All rows that `sql` gives. It steps to the end: outside a transaction that is what commits a change with
    /// RETURNING, and what reports a commit that failed.
    static func all(_ db: Database, _ sql: String, _ arguments: StatementArguments) throws -> [Job] {
        // From the cursor's own row, which knows where its columns are; a row that is kept looks each of them up from the first.
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        var jobs: [Job] = []
        while let row = try rows.next() { jobs.append(try Job(row: row)) }
        return jobs
    }
}
