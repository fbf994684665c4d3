import Foundation
import GRDB

/// How the predicted timesteps of the stored jobs are spread.
extension JobStore {
    private static let dayMilliseconds: Int64 = 86_400_000

    /// Whole UTC days are counted already; only the hours before the first and after the last are looked up job by job.
    /// - Parameters:
    ///   - from, before: bounds on the time of creation; `before` is exclusive.
    ///   - keyID: only jobs of this API key; nil = of all.
    /// - Returns: how many jobs have each predicted timestep.
    public func predictedTimesteps(from: Date? = nil, before: Date? = nil, keyID: String? = nil) throws -> [Int: Int] {
        let first = from?.millisecondsSince1970, last = before?.millisecondsSince1970
        let firstDay = first.map { Self.day($0, roundedUp: true) }, endDay = last.map { Self.day($0, roundedUp: false) }
        return try read { db in
            var counts: [Int: Int] = [:]
            if let first, let last, Self.day(first, roundedUp: true) >= Self.day(last, roundedUp: false) {
                try Self.addJobs(first, last, keyID, &counts, db)
                return counts
            }
            try Self.addDays(firstDay, endDay, keyID, &counts, db)
            if let first, let firstDay { try Self.addJobs(first, firstDay * Self.dayMilliseconds, keyID, &counts, db) }
            if let last, let endDay { try Self.addJobs(endDay * Self.dayMilliseconds, last, keyID, &counts, db) }
            return counts
        }
    }

    private static func addDays(_ first: Int64?, _ end: Int64?, _ keyID: String?, _ counts: inout [Int: Int], _ db: Database) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT timestep, SUM(jobs) AS jobs FROM blur_level_day
                    WHERE day >= :first AND day < :end AND key_id = IFNULL(:keyID, key_id) GROUP BY timestep
                    """), arguments: ["first": first ?? .min, "end": end ?? .max, "keyID": keyID])
        while let row = try rows.next() { try add(row, &counts) }
    }

    private static func addJobs(_ first: Int64, _ end: Int64, _ keyID: String?, _ counts: inout [Int: Int], _ db: Database) throws {
        guard first < end else { return }
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT predicted_timestep AS timestep, COUNT(*) AS jobs FROM job INDEXED BY job_by_creation
                    WHERE created_ms >= :first AND created_ms < :end AND predicted_timestep IS NOT NULL AND key_id IS IFNULL(:keyID, key_id)
                    GROUP BY predicted_timestep
                    """), arguments: ["first": first, "end": end, "keyID": keyID])
        while let row = try rows.next() { try add(row, &counts) }
    }

    private static func add(_ row: Row, _ counts: inout [Int: Int]) throws {
        counts[try row.decode(Int.self, forColumn: "timestep"), default: 0] += try row.decode(Int.self, forColumn: "jobs")
    }

    private static func day(_ milliseconds: Int64, roundedUp: Bool) -> Int64 {
        let (day, rest) = milliseconds.quotientAndRemainder(dividingBy: dayMilliseconds)
        return roundedUp ? day + (rest > 0 ? 1 : 0) : day - (rest < 0 ? 1 : 0)
    }
}
