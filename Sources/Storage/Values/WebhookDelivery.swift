import Foundation

/// One webhook, from the end of its job until it arrived or was given up.
public struct WebhookDelivery: Sendable, Equatable {
    public enum State: String, Sendable { case pending, delivered, failed }

    /// The message's id, the same in every attempt: what a receiver recognises repetitions by.
    public let id: String
    public let jobID: String
    /// Whose secret signs it; nil = the service's.
    public let keyID: String?
    public let url: String
    /// What happened, for instance job.succeeded.
    public let event: String
    public let traceparent: String?
    public let tracestate: String?
    /// The body that is sent; nil before the first attempt.
    public let body: String?
    public let state: State
    public let attempts: Int
    public let createdAt: Date
    /// When the last attempt began; nil before the first.
    public let lastAttemptAt: Date?
    /// When the next attempt is due; nil unless one is.
    public let nextAttemptAt: Date?
    /// Status of the last answer; nil when there was none.
    public let lastStatus: Int?
    public let lastError: String?

    /// Scheme, host and port of `url`: whose slowness holds up none but its own.
    public var receiver: String {
        // After "https://" and at least one character of the host.
        guard let slash = url.utf8.dropFirst(8).firstIndex(of: UInt8(ascii: "/")) else { return url }
        return String(url[..<slash])
    }
}

/// What a webhook says of a job, for one that is still to be sent when its job goes.
public typealias WebhookBody = (Job, WebhookDelivery) throws -> String
