import Foundation
import GRDB

/// A row of the table `access_key`.
extension AccessKey {
    /// - Parameter row: of the table `access_key`
    init(row: Row) throws {
        id = try row.decode(forColumn: "id")
        name = try row.decode(forColumn: "name")
        hash = try row.decode(forColumn: "hash")
        maySubmit = try row.decode(forColumn: "may_submit")
        requestsPerMinute = try row.decode(forColumn: "requests_per_minute")
        picturesPerDay = try row.decode(forColumn: "pictures_per_day")
        webhookSecret = try row.decode(forColumn: "webhook_secret")
        createdAt = Date(millisecondsSince1970: try row.decode(forColumn: "created_ms"))
        revokedAt = try row.decode(Int64?.self, forColumn: "revoked_ms").map(Date.init(millisecondsSince1970:))
    }
}
