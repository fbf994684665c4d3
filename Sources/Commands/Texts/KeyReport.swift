import Foundation
import Storage

/// A key without its secrets, unless they are given.
package struct KeyReport: Encodable {
    package let id: String
    package let name: String
    package let maySubmit: Bool
    package let requestsPerMinute: Int?
    package let picturesPerDay: Int?
    package let createdAt: Date
    package let revokedAt: Date?
    package let key: String?
    package let webhookSecret: String?

    private enum CodingKeys: String, CodingKey {
        case id, name, key
        case maySubmit = "may_submit"
        case requestsPerMinute = "requests_per_minute"
        case picturesPerDay = "pictures_per_day"
        case createdAt = "created_at"
        case revokedAt = "revoked_at"
        case webhookSecret = "webhook_secret"
    }

    package init(_ stored: AccessKey, key: String? = nil, webhookSecret: String? = nil) {
        id = stored.id
        name = stored.name
        maySubmit = stored.maySubmit
        requestsPerMinute = stored.requestsPerMinute
        picturesPerDay = stored.picturesPerDay
        createdAt = stored.createdAt
        revokedAt = stored.revokedAt
        self.key = key
        self.webhookSecret = webhookSecret
    }

    package var line: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .iso8601
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    package var text: String {
        let limits = [requestsPerMinute.map { "\($0) requests a minute" }, picturesPerDay.map { "\($0) pictures a day" }].compactMap { $0 }
        let state = revokedAt.map { "revoked \($0.formatted(.iso8601))" } ?? (maySubmit ? "in force" : "in force, read only")
        return ([id, state, "made \(createdAt.formatted(.iso8601))"] + limits + [name]).joined(separator: "  ")
    }
}
