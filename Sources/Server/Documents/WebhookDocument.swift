import Foundation
import Storage

/// A webhook in JSON. Every member is always there; what is not known yet is null.
struct WebhookDocument: Encodable, Sendable {
    let url: String
    /// The delivery of the webhook; nil until the job is settled.
    let delivery: WebhookDelivery?

    private enum Key: String, CodingKey {
        case id, url, event, state, attempts
        case lastAttemptAt = "last_attempt_at"
        case lastStatus = "last_status"
        case lastError = "last_error"
        case nextAttemptAt = "next_attempt_at"
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(delivery?.id, forKey: .id)
        try members.encode(url, forKey: .url)
        try members.encode(delivery?.event, forKey: .event)
        try members.encode((delivery?.state ?? .pending).rawValue, forKey: .state)
        try members.encode(delivery?.attempts ?? 0, forKey: .attempts)
        try members.encode(delivery?.lastAttemptAt.map(RFC3339.text), forKey: .lastAttemptAt)
        try members.encode(delivery?.lastStatus, forKey: .lastStatus)
        try members.encode(delivery?.lastError, forKey: .lastError)
        try members.encode(delivery?.nextAttemptAt.map(RFC3339.text), forKey: .nextAttemptAt)
    }
}
