import Foundation
import GRDB

/// A row of the table `webhook_delivery`.
extension WebhookDelivery {
    /// - Parameter row: of the table `webhook_delivery`
    /// - Throws: `StorageError.corruptDatabase` for a state that no version writes
    init(row: Row) throws {
        id = try row.decode(forColumn: "id")
        jobID = try row.decode(forColumn: "job_id")
        keyID = try row.decode(forColumn: "key_id")
        url = try row.decode(forColumn: "url")
        event = try row.decode(forColumn: "event")
        traceparent = try row.decode(forColumn: "traceparent")
        tracestate = try row.decode(forColumn: "tracestate")
        body = try row.decode(forColumn: "body")
        let name = try row.decode(String.self, forColumn: "state")
        guard let state = State(rawValue: name) else {
            throw StorageError.corruptDatabase("webhook \(id) has the unknown state '\(name)'")
        }
        self.state = state
        attempts = try row.decode(forColumn: "attempts")
        createdAt = Date(millisecondsSince1970: try row.decode(forColumn: "created_ms"))
        lastAttemptAt = try row.decode(Int64?.self, forColumn: "last_attempt_ms").map(Date.init(millisecondsSince1970:))
        nextAttemptAt = try row.decode(Int64?.self, forColumn: "next_attempt_ms").map(Date.init(millisecondsSince1970:))
        lastStatus = try row.decode(forColumn: "last_status")
        lastError = try row.decode(forColumn: "last_error")
    }
}
