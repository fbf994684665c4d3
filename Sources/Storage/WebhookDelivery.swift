// WebhookDelivery.swift: one webhook, from the end of its job until it arrived or was given up.

import Foundation
import GRDB

public struct WebhookDelivery: Sendable, Equatable {
    public enum State: String, Sendable { case pending, delivered, failed }

    /// The message's id, the same in every attempt: what a receiver recognises repetitions by.
    public let id: String
    public let jobID: String
    /// Whose secret signs it; nil = the service's.
    public let keyID: String?
    public let url: String
    /// For instance job.succeeded.
    public let event: String
    public let traceparent: String?
    public let tracestate: String?
    /// nil before the first attempt.
    public let body: String?
    public let state: State
    public let attempts: Int
    public let createdAt: Date
    /// When the last attempt began; nil before the first.
    public let lastAttemptAt: Date?
    /// nil unless pending.
    public let nextAttemptAt: Date?
    /// Status of the last answer; nil when there was none.
    public let lastStatus: Int?
    public let lastError: String?

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
