import Foundation
import GRDB

/// For those who look after the file: is it sound, how much does it hold, and a copy of it while others write.
extension JobStore {
    /// How many jobs and bytes the store holds.
    public struct Totals: Sendable, Equatable {
        public let jobs: [JobState: Int]
        /// A file that several jobs have counts once.
        public let inputBytes: Int
        public let outputBytes: Int
        public let pendingWebhooks: Int
    }

    /// As the triggers keep them (`Step9Totals`).
    public func totals() throws -> Totals {
        try read { db in
            var jobs: [JobState: Int] = [:], inputs = 0, outputs = 0
            for row in try Row.fetchAll(db.cachedStatement(sql: "SELECT state, jobs, input_bytes, output_bytes FROM job_total")) {
                let count: Int = try row.decode(forColumn: "jobs")
                if count > 0, let state = JobState(rawValue: try row.decode(forColumn: "state")) { jobs[state] = count }
                inputs += try row.decode(Int.self, forColumn: "input_bytes")
                outputs += try row.decode(Int.self, forColumn: "output_bytes")
            }
            let pending = try Int.fetchOne(db.cachedStatement(sql: "SELECT deliveries FROM delivery_total WHERE state = 'pending'")) ?? 0
            return Totals(jobs: jobs, inputBytes: inputs, outputBytes: outputs, pendingWebhooks: pending)
        }
    }

    /// Counts anew what the triggers keep. Walks all jobs.
    /// - Returns: whether a count was wrong
    @discardableResult
    public func recount() throws -> Bool {
        try write { db in
            func all() throws -> [Row] {
                try ["job_total", "delivery_total", "blur_level_day"].flatMap { try Row.fetchAll(db, sql: "SELECT * FROM \($0)") }
            }
            let before = try all()
            try Migrations.countAll(db)
            return try all() != before
        }
    }

    /// The jobs under whose names those files were first stored that several jobs have, or had.
    public func sharedFiles() throws -> Set<String> {
        try read { db in
            try Set(
                String.fetchAll(
                    db,
                    sql: """
                        SELECT input_file FROM job WHERE input_file IS NOT NULL UNION SELECT output_file FROM job WHERE output_file IS NOT NULL
                        """))
        }
    }

    /// What `PRAGMA integrity_check` finds, which includes rows that break the table's own rules; empty when the file is sound.
    public func damages() throws -> [String] {
        try read { try String.fetchAll($0, sql: "PRAGMA integrity_check(100)") }.filter { $0 != "ok" }
    }

    /// Writes all indices anew from the tables: what is wrong with an index alone is gone then.
    public func rebuildIndices() throws {
        try write { try $0.execute(sql: "REINDEX") }
    }

    /// Ends a job that cannot be run, whatever its state but final.
    public func failUnfinished(id: String, problemType: String, detail: String, now: Date = Date()) throws {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE job SET state = 'failed', finished_ms = :now, lease_expires_ms = NULL, next_attempt_ms = NULL, problem_type = :type, problem_detail = :detail
                    WHERE id = :id AND state IN ('queued', 'running')
                    """, arguments: ["id": id, "now": now.millisecondsSince1970, "type": problemType, "detail": detail])
        }
    }

    /// Forgets a job whatever its state, without a trace. Only for copies of a database.
    public func erase(id: String) throws {
        try write { try $0.execute(sql: "DELETE FROM job WHERE id = ?", arguments: [id]) }
    }

    /// Makes an empty database where there is none.
    public static func createIfMissing(directory: URL) throws {
        guard access(directory.appendingPathComponent(fileName).path, F_OK) != 0 else { return }
        try JobStore(directory: directory, maxQueued: 0).close()
    }

    /// Steps that the database in `directory` still lacks; a running program of an older version would not know them. Changes nothing.
    /// - Throws: `file` when there is no database.
    public static func pendingMigrations(directory: URL) throws -> [String] {
        let source = try readOnly(directory)
        return try translating(directory, .measured) {
            let applied = try source.read { try Migrations.all.appliedIdentifiers($0) }
            return Migrations.all.migrations.filter { !applied.contains($0) }
        }
    }

    /// Copies the database while other processes read and write it (sqlite.org/backup.html): the copy is the database at one moment.
    /// - Parameter target: a folder without a database.
    public static func backUp(directory: URL, to target: URL) throws {
        let source = try readOnly(directory)
        try translating(target, .measured) {
            let copy = try DatabaseQueue(path: target.appendingPathComponent(fileName).path)
            // In one step: between steps another writer would make it start again.
            try source.backup(to: copy)
            try copy.close()
        }
        try DurableFile.synchronizeDirectory(target)
    }

    private static func readOnly(_ directory: URL) throws -> DatabaseQueue {
        let path = directory.appendingPathComponent(fileName).path
        guard access(path, F_OK) == 0 else { throw StorageError.file(operation: "open", path: path, code: ENOENT) }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(busyTimeoutSeconds)  // readers, too, wait while the log is being reset
        return try translating(directory, .measured) { try DatabaseQueue(path: path, configuration: configuration) }
    }
}
