import Foundation
import GRDB
import Storage
import Testing
@testable import Server

/// What every answer has.
@Suite(.timeLimit(.minutes(60))) struct AnsweringTests {
    @Test func requestsHaveIDs() throws {
        let fixture = try ServiceFixture()
        let ids = try (0..<3).map { _ in try fixture.call("GET", "/healthz").fields["fidediff-request"] }
        #expect(Set(ids.compactMap { $0 }).count == 3)
    }
}
