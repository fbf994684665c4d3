import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Server

/// How many calls are left, and the fields that say so.
@Suite(.timeLimit(.minutes(60))) struct RateLimitTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000_000)

    @Test func countsDownAndBeginsAnew() {
        var window = RateWindow(quota: 2)
        #expect(window.state(at: start).remaining == 2)
        #expect(window.take(at: start) == RateLimit(name: "requests", quota: 2, windowSeconds: 60, remaining: 1, resetSeconds: 60))
        let later = start.advanced(bySeconds: 59.5)
        #expect(window.take(at: later)?.remaining == 0)
        #expect(window.take(at: later) == nil)
        #expect(window.state(at: later) == RateLimit(name: "requests", quota: 2, windowSeconds: 60, remaining: 0, resetSeconds: 1))
        let next = start.advanced(bySeconds: 60)
        #expect(window.take(at: next)?.remaining == 1)
        #expect(window.state(at: next).resetSeconds == 60)
    }

    @Test func fieldsAreStructuredLists() {
        let fields = RateLimit.fields([
            RateLimit(name: "requests", quota: 5, windowSeconds: 60, remaining: 4, resetSeconds: 59),
            RateLimit(name: "pictures", quota: 9, windowSeconds: 86_400, remaining: 0, resetSeconds: 7),
        ])
        #expect(fields[.rateLimitPolicy] == "\"requests\";q=5;w=60, \"pictures\";q=9;w=86400")
        #expect(fields[.rateLimit] == "\"requests\";r=4;t=59, \"pictures\";r=0;t=7")
        #expect(RateLimit.fields([]) == [:])
    }
}
