import Foundation
import GRDB

/// Which pictures belong to no job, and which of them are known to be rubbish.
extension JobStore {
    /// Ids that are looked up at once.
    private static let idsAtOnce = 500

    /// Jobs that are gone and whose pictures may still be there.
    public func garbage(limit: Int = 500) throws -> [String] {
        try read { try String.fetchAll($0, sql: "SELECT id FROM garbage LIMIT ?", arguments: [limit]) }
    }

    /// The pictures of these jobs are removed, and the folder's names are on disk.
    public func forgetGarbage(_ ids: [String]) throws {
        guard !ids.isEmpty else { return }
        try write { db in
            let statement = try db.cachedStatement(sql: "DELETE FROM garbage WHERE id = ?")
            for id in ids { try statement.execute(arguments: [id]) }
        }
    }

    /// Of these ids, those that no job has.
    public func unknown(_ ids: Set<String>) throws -> Set<String> {
        try ids.subtracting(found(ids, "SELECT id FROM job WHERE id IN"))
    }

    /// Of these ids, those of jobs that were deleted or have expired: their pictures are rubbish.
    public func gone(_ ids: Set<String>) throws -> Set<String> {
        try found(ids, "SELECT id FROM garbage WHERE id IN").union(found(ids, "SELECT id FROM tombstone WHERE id IN"))
    }

    /// Whether a job was ever stored here, though it may be gone.
    public func hasHeldJobs() throws -> Bool {
        try read { try Int64.fetchOne($0, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'job'") ?? 0 > 0 }
    }

    private func found(_ ids: Set<String>, _ sql: String) throws -> Set<String> {
        let all = Array(ids)
        return try read { db in
            var found: Set<String> = []
            for start in stride(from: 0, to: all.count, by: Self.idsAtOnce) {
                let some = all[start..<min(start + Self.idsAtOnce, all.count)]
                let marks = some.map { _ in "?" }.joined(separator: ", ")
                found.formUnion(try String.fetchAll(db, sql: "\(sql) (\(marks))", arguments: StatementArguments(some)))
            }
            return found
        }
    }
}
