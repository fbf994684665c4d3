import GRDB

/// Jobs by state and predicted timestep, newest first, a page at a time.
extension JobStore {
    /// One page of jobs. Jobs that arrive meanwhile never shift the pages that follow.
    /// - Throws: `invalidCursor`; `limitOutOfRange` unless the limit is 1...`JobQuery.maxLimit`.
    public func list(_ query: JobQuery = JobQuery()) throws -> JobPage {
        guard (1...JobQuery.maxLimit).contains(query.limit) else {
            throw StorageError.limitOutOfRange(found: query.limit, maximum: JobQuery.maxLimit)
        }
        let cursor = try query.cursor.map { try JobCursor($0, in: query) }
        let (sql, arguments) = Self.listSQL(query, before: cursor)
        var jobs = try read { try Job.all($0, sql, arguments) }

        // One row more than the page was read: it says whether anything follows.
        guard jobs.count > query.limit else { return JobPage(jobs: jobs, nextCursor: nil) }
        jobs.removeLast(jobs.count - query.limit)
        return JobPage(jobs: jobs, nextCursor: jobs.last.map { JobCursor(before: $0.sequence).text(in: query) })
    }

    /// The ids of all jobs, for `BlobStore.removeOrphans`.
    public func ids() throws -> Set<String> {
        try read { try String.fetchSet($0, sql: "SELECT id FROM job") }
    }

    static func listSQL(_ query: JobQuery, before cursor: JobCursor?) -> (sql: String, arguments: StatementArguments) {
        var conditions: [String] = []
        var arguments: StatementArguments = []
        func require(_ condition: String, _ values: [any DatabaseValueConvertible]) {
            conditions.append(condition)
            arguments += StatementArguments(values)
        }
        if let states = query.states {
            let names = states.map(\.rawValue).sorted()
            require("state IN (\(names.map { _ in "?" }.joined(separator: ", ")))", names)
        }
        if let minTimestep = query.minTimestep { require("predicted_timestep >= ?", [minTimestep]) }
        if let maxTimestep = query.maxTimestep { require("predicted_timestep <= ?", [maxTimestep]) }
        if let from = query.createdFrom { require("created_ms >= ?", [from.millisecondsSince1970]) }
        if let before = query.createdBefore { require("created_ms < ?", [before.millisecondsSince1970]) }
        if let keyID = query.keyID { require("key_id = ?", [keyID]) }
        if let cursor { require("sequence < ?", [cursor.sequence]) }
        arguments += [query.limit + 1]
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return ("SELECT \(Job.columns) FROM job\(filter) ORDER BY sequence DESC LIMIT ?", arguments)
    }
}
