import Foundation

/// Who may call, as stored: never the key itself, only its SHA-256.
///
/// A key holds 256 random bits, so a plain hash is as good as a slow one: there is nothing to guess (unlike a password).
public struct AccessKey: Sendable, Equatable {
    /// Public part of the key, by which it is found.
    public let id: String
    /// The name by which people know the key.
    public let name: String
    /// The SHA-256 of the whole key, 32 bytes.
    public let hash: Data
    /// Whether the key may submit pictures; without that it may only read.
    public let maySubmit: Bool
    /// Requests that the key may send a minute; nil = unlimited.
    public let requestsPerMinute: Int?
    /// Pictures that the key may submit on a day (UTC); nil = unlimited.
    public let picturesPerDay: Int?
    /// Signs this key's webhooks. Not hashed: signing needs it.
    public let webhookSecret: String
    public let createdAt: Date
    public let revokedAt: Date?

    public init(
        id: String, name: String, hash: Data, maySubmit: Bool = true, requestsPerMinute: Int? = nil, picturesPerDay: Int? = nil,
        webhookSecret: String, createdAt: Date = Date(), revokedAt: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.hash = hash
        self.maySubmit = maySubmit
        self.requestsPerMinute = requestsPerMinute
        self.picturesPerDay = picturesPerDay
        self.webhookSecret = webhookSecret
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }
}
