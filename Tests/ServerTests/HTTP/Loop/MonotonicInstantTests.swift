import Testing
@testable import Server

/// A moment of a clock that never goes back.
@Suite(.timeLimit(.minutes(60))) struct MonotonicInstantTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    /// A sleeper must not wake too early, and no later than the clock of the system call allows.
    @Test(arguments: [(0.0, Int32(0)), (-1, 0), (0.001, 1), (0.0000001, 1), (0.0010001, 2), (60, 60_000), (1e12, 1_000_000_000)])
    func millisecondsAreRoundedUp(seconds: Double, expected: Int32) {
        let wait = start.milliseconds(until: start.advanced(bySeconds: seconds))
        #expect(seconds == 1e12 ? wait == .max || wait == expected : wait == expected, "\(wait)")
    }

    @Test func whatHasPassedIsNotWaitedFor() {
        #expect(start.advanced(bySeconds: 1).milliseconds(until: start) == 0)
        #expect(start < start.advanced(bySeconds: 1e-9 * 2))
    }

    @Test func nowGoesOn() {
        let first = MonotonicInstant.now(), second = MonotonicInstant.now()
        #expect(first <= second && first.nanoseconds > 0)
    }
}
