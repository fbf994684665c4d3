// JobStore+BlurLevels.swift: how the predicted timesteps of the stored jobs are spread.

import Foundation
import GRDB

extension JobStore {
    /// - Parameters:
    ///   - from, before: bounds on the time of creation; `before` is exclusive.
    /// - Returns: how many jobs have each predicted timestep.
    public func predictedTimesteps(from: Date? = nil, before: Date? = nil) throws -> [Int: Int] {
        try read { db in
            let rows = try Row.fetchAll(db.cachedStatement(sql: """
                SELECT predicted_timestep AS timestep, COUNT(*) AS jobs FROM job
                WHERE predicted_timestep IS NOT NULL AND created_ms >= IFNULL(:from, created_ms) AND created_ms < IFNULL(:before, created_ms + 1)
                GROUP BY predicted_timestep
                """), arguments: ["from": from?.millisecondsSince1970, "before": before?.millisecondsSince1970])
            return try rows.reduce(into: [:]) { counts, row in
                counts[try row.decode(Int.self, forColumn: "timestep")] = try row.decode(Int.self, forColumn: "jobs")
            }
        }
    }
}
