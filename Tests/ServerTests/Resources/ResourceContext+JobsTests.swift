import Foundation
import FoundationXML
import Storage
import Testing
@testable import Server

/// When to come again.
@Suite(.timeLimit(.minutes(60))) struct ResourceContextJobsTests {
    @Test func retryAfterKeepsWithinBounds() {
        #expect([nil, 0, 0.2, 12.1, 1e6].map(ResourceContext.retryAfterSeconds) == [5, 1, 1, 13, 60])
    }
}
