import Commands
import Foundation
import Storage
import Testing

/// A key as `fidediff key` shows it: never more than was asked for.
@Suite(.timeLimit(.minutes(60))) struct KeyReportTests {
    private static let made = Date(timeIntervalSince1970: 1_767_225_600)  // 2026-01-01T00:00:00Z
    private static func key(maySubmit: Bool = true, minute: Int? = nil, day: Int? = nil, revoked: Date? = nil) -> AccessKey {
        AccessKey(
            id: "k1", name: "Ada", hash: Data([1, 2, 3]), maySubmit: maySubmit, requestsPerMinute: minute, picturesPerDay: day,
            webhookSecret: "whsec_secret", createdAt: made, revokedAt: revoked)
    }

    @Test func aPersonReadsStateAndLimits() {
        #expect(KeyReport(Self.key()).text == "k1  in force  made 2026-01-01T00:00:00Z  Ada")
        #expect(
            KeyReport(Self.key(maySubmit: false, minute: 60, day: 5)).text
                == "k1  in force, read only  made 2026-01-01T00:00:00Z  60 requests a minute  5 pictures a day  Ada")
        let revoked = Self.key(revoked: Self.made.addingTimeInterval(3_600))
        #expect(KeyReport(revoked).text == "k1  revoked 2026-01-01T01:00:00Z  made 2026-01-01T00:00:00Z  Ada")
    }

    @Test func secretsShowOnlyWhereTheyAreGiven() throws {
        let listed = try KeyReport(Self.key()).line
        #expect(listed == #"{"created_at":"2026-01-01T00:00:00Z","id":"k1","may_submit":true,"name":"Ada"}"#)
        #expect(!KeyReport(Self.key()).text.contains("whsec"))
        let made = try KeyReport(Self.key(), key: "fd_k1_x", webhookSecret: "whsec_secret").line
        #expect(made.contains(#""key":"fd_k1_x""#) && made.contains(#""webhook_secret":"whsec_secret""#))
    }
}
