import Foundation
import GRDB

/// Jobs by state and predicted timestep, newest first, a page at a time.
///
/// Each page is bounded work, whatever it asks for. By state and key the rows come by an index and in order. Timesteps and times of creation
/// are looked for among so many rows at a time; where too few fit, the page is shorter, and its cursor says where the next one goes on.
extension JobStore {
    /// Rows that are looked through at a time, and how often for one page.
    static let windowRows: Int64 = 5_000, windows = 4

    /// One page of jobs. Jobs that arrive meanwhile never shift the pages that follow.
    /// - Throws: `invalidCursor`; `limitOutOfRange` unless the limit is 1...`JobQuery.maxLimit`.
    public func list(_ query: JobQuery = JobQuery()) throws -> JobPage {
        try list(query, windowRows: Self.windowRows)
    }

    func list(_ query: JobQuery, windowRows: Int64) throws -> JobPage {
        guard (1...JobQuery.maxLimit).contains(query.limit) else {
            throw StorageError.limitOutOfRange(found: query.limit, maximum: JobQuery.maxLimit)
        }
        var cursor = try query.cursor.map { try JobCursor($0, in: query) } ?? JobCursor(before: .max)
        var jobs: [Job] = []
        for _ in 0..<Self.windows {
            let (more, next) = try read { db in
                let from = query.isSparse ? try Self.windowStart(before: cursor, rows: windowRows, db) : 0
                let (sql, arguments) = Self.listSQL(query, before: cursor, from: from, limit: query.limit + 1 - jobs.count)
                return (try Job.all(db, sql, arguments), from)
            }
            jobs += more
            // One row more than the page was read: it says whether anything follows.
            if jobs.count > query.limit {
                jobs.removeLast(jobs.count - query.limit)
                return JobPage(jobs: jobs, nextCursor: jobs.last.map { JobCursor(before: $0.sequence).text(in: query) })
            }
            guard next > 0 else { return JobPage(jobs: jobs, nextCursor: nil) }
            cursor = JobCursor(before: next)
        }
        return JobPage(jobs: jobs, nextCursor: cursor.text(in: query))
    }

    /// The lowest number of the window that ends before the cursor; 0 = there is nothing below it.
    private static func windowStart(before cursor: JobCursor, rows: Int64, _ db: Database) throws -> Int64 {
        // The numbers of deleted jobs are passed at once.
        let last = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT MAX(sequence) FROM job WHERE sequence < ?"), arguments: [cursor.sequence])
        return max(0, (last ?? 0) - rows + 1)
    }

    static func listSQL(
        _ query: JobQuery, before cursor: JobCursor, from: Int64 = 0, limit: Int
    ) -> (sql: String, arguments: StatementArguments) {
        // Several states: the rows of each come in order by their index, and so few of them are put in order together.
        var states: [JobState?] = [nil]
        if let asked = query.states, asked.count < JobState.allCases.count { states = asked.sorted { $0.rawValue < $1.rawValue } }
        var arguments: StatementArguments = []
        let parts = states.map { state in
            var conditions = ["sequence < ?", "sequence >= ?"]
            arguments += [cursor.sequence, from]
            func require(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
                guard let value else { return }
                conditions.append(condition)
                arguments += [value]
            }
            require("state = ?", state?.rawValue)
            require("key_id = ?", query.keyID)
            // +: these are held against rows that another index gives in order, and no index of their own is to be used.
            require("+predicted_timestep >= ?", query.minTimestep)
            require("+predicted_timestep <= ?", query.maxTimestep)
            require("+created_ms >= ?", query.createdFrom?.millisecondsSince1970)
            require("+created_ms < ?", query.createdBefore?.millisecondsSince1970)
            arguments += [limit]
            let filter = conditions.joined(separator: " AND ")
            return "SELECT \(Job.columns) FROM job WHERE \(filter) ORDER BY sequence DESC LIMIT ?"
        }
        if parts.count == 1 { return (parts[0], arguments) }
        guard !parts.isEmpty else { return ("SELECT \(Job.columns) FROM job WHERE sequence < 0", []) }
        let all = parts.map { "SELECT * FROM (\($0))" }.joined(separator: " UNION ALL ")
        return ("SELECT * FROM (\(all)) ORDER BY sequence DESC LIMIT ?", arguments + [limit])
    }
}

extension JobQuery {
    /// Asks for something that no index gives in the list's order.
    var isSparse: Bool { minTimestep != nil || maxTimestep != nil || createdFrom != nil || createdBefore != nil }
}
