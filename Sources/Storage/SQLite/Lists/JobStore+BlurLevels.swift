import Foundation
import GRDB

/// How the predicted timesteps of the stored jobs are spread.
extension JobStore {
    /// - Parameters:
    ///   - from, before: bounds on the time of creation; `before` is exclusive.
    ///   - keyID: only jobs of this API key; nil = of all.
    /// - Returns: how many jobs have each predicted timestep.
    public func predictedTimesteps(from: Date? = nil, before: Date? = nil, keyID: String? = nil) throws -> [Int: Int] {
        try read { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT predicted_timestep AS timestep, COUNT(*) AS jobs FROM job
                        WHERE predicted_timestep IS NOT NULL AND created_ms >= IFNULL(:from, created_ms) AND created_ms < IFNULL(:before, created_ms + 1)
                            AND key_id IS IFNULL(:keyID, key_id)
                        GROUP BY predicted_timestep
                        """), arguments: ["from": from?.millisecondsSince1970, "before": before?.millisecondsSince1970, "keyID": keyID])
            return try rows.reduce(into: [:]) { counts, row in
                counts[try row.decode(Int.self, forColumn: "timestep")] = try row.decode(Int.self, forColumn: "jobs")
            }
        }
    }
}
