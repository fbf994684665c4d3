import Foundation
import Testing
@testable import Server

/// Pauses between attempts.
@Suite(.timeLimit(.minutes(60))) struct WebhookSettingsTests {
    @Test func pausesGrowAndEnd() {
        let settings = WebhookSettings()
        let pauses = (1...10).map { settings.pauseSeconds(afterAttempt: $0, spread: 0) }
        #expect(pauses.first == 5 && pauses.last == .some(nil))
        #expect(zip(pauses, pauses.dropFirst().dropLast()).allSatisfy { ($0 ?? 0) < ($1 ?? 0) })
        #expect(settings.pauseSeconds(afterAttempt: 2, spread: 1) == 330 && settings.pauseSeconds(afterAttempt: 2, spread: -1) == 270)
    }
}
