import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct DeadlinesTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000_000)
    private var limits: HTTPLimits {
        var limits = HTTPLimits()
        limits.idleTimeoutSeconds = 60
        limits.headerTimeoutSeconds = 10
        limits.bodyTimeoutSeconds = 30
        limits.lingerTimeoutSeconds = 5
        return limits
    }

    private func after(_ seconds: Double) -> MonotonicInstant { start.advanced(bySeconds: seconds) }

    @Test func anIdleConnectionIsClosedWithoutAWord() {
        let deadlines = Deadlines(at: start, limits: limits)
        #expect(deadlines.action(at: after(59.9), limits: limits) == nil)
        #expect(deadlines.action(at: after(60), limits: limits) == .close)
    }

    @Test func aHeadThatDribblesInIsNotGrantedMoreTime() throws {
        var deadlines = Deadlines(at: start, limits: limits)
        for second in 1...10 { deadlines.progress(1, at: after(Double(second)), limits: limits) }
        #expect(deadlines.phase == .head)
        #expect(deadlines.action(at: after(10.9), limits: limits) == nil)
        guard case .answer(let error) = deadlines.action(at: after(11), limits: limits) else {
            Issue.record("no answer")
            return
        }
        #expect(error.status == .requestTimeout)
    }

    @Test func aBodyMayTakeLongAsLongAsItMoves() {
        var deadlines = Deadlines(at: start, limits: limits)
        deadlines.enter(.body, at: start, limits: limits)
        var limits = limits
        limits.minBytesPerSecond = 0
        for step in 1...10 { deadlines.progress(1, at: after(Double(step) * 29), limits: limits) }
        #expect(deadlines.action(at: after(319), limits: limits) == nil)
        guard case .answer(let error) = deadlines.action(at: after(320), limits: limits) else {
            Issue.record("no answer")
            return
        }
        #expect(error.status == .requestTimeout)
        #expect(error.detail.contains("No byte"))
    }

    @Test(arguments: [Deadlines.Phase.body, .writing]) func aTransferHasToKeepItsRate(phase: Deadlines.Phase) {
        var limits = limits
        limits.minBytesPerSecond = 100
        limits.rateSeconds = 20
        var deadlines = Deadlines(at: start, limits: limits)
        deadlines.enter(phase, at: start, limits: limits)
        // A million bytes at once are no credit for dribbling later.
        deadlines.progress(1_000_000, at: start, limits: limits)
        for second in 1...19 { deadlines.progress(10, at: after(Double(second)), limits: limits) }
        #expect(deadlines.action(at: after(19.9), limits: limits) == nil)
        switch deadlines.action(at: after(20), limits: limits) {
        case .answer(let error): #expect(phase == .body && error.status == .requestTimeout && error.detail.contains("100 bytes a second"))
        case .close: #expect(phase == .writing)
        default: Issue.record("it goes on")
        }
        // One that keeps it goes on.
        deadlines.enter(phase, at: start, limits: limits)
        for second in 1...100 { deadlines.progress(101, at: after(Double(second)), limits: limits) }
        #expect(deadlines.action(at: after(101), limits: limits) == nil)
    }

    @Test func aBodyHasAnEndHoweverItMoves() {
        var limits = limits
        limits.bodyTotalSeconds = 100
        var deadlines = Deadlines(at: start, limits: limits)
        deadlines.enter(.body, at: start, limits: limits)
        for second in 1...99 { deadlines.progress(1 << 20, at: after(Double(second)), limits: limits) }
        #expect(deadlines.action(at: after(99.9), limits: limits) == nil)
        guard case .answer(let error) = deadlines.action(at: after(100), limits: limits) else {
            Issue.record("no answer")
            return
        }
        #expect(error.detail.contains("within 100.0 s"))
    }

    /// The order in which connections are closed when there are too many.
    @Test func theLongestIdleGoesFirstThenTheSlowestHeadThenTheSlowestTransferThenStreams() {
        func standing(_ phase: Deadlines.Phase, since seconds: Double, bytes: Int = 0) -> Standing? {
            var deadlines = Deadlines(at: after(seconds), limits: limits)
            deadlines.enter(phase, at: after(seconds), limits: limits)
            if bytes > 0 { deadlines.progress(bytes, at: after(seconds + 5), limits: limits) }
            return deadlines.standing(at: after(10))
        }
        let order = [
            standing(.idle, since: 1), standing(.lingering, since: 2), standing(.idle, since: 9.9), standing(.head, since: 0),
            standing(.head, since: 3), standing(.body, since: 0), standing(.writing, since: 1, bytes: 10),
            standing(.body, since: 0, bytes: 1 << 20), standing(.streaming, since: 0), standing(.streaming, since: 9.9),
        ].compactMap { $0 }
        #expect(order.count == 10 && order == order.sorted())
        for phase in [Deadlines.Phase.handling, .halfClosed] { #expect(standing(phase, since: 0) == nil) }
        #expect(standing(.body, since: 9.5) == nil, "too young to be slow")
        #expect(Standing.batch(of: 1_000, .idle) == 32 && Standing.batch(of: 3, .head) == 1 && Standing.batch(of: 1_000, .transfer) == 1)
    }

    @Test func aClientThatDoesNotReadIsClosed() {
        var limits = limits
        limits.minBytesPerSecond = 0
        var deadlines = Deadlines(at: start, limits: limits)
        deadlines.enter(.writing, at: start, limits: limits)
        deadlines.progress(1, at: after(20), limits: limits)
        #expect(deadlines.action(at: after(49), limits: limits) == nil)
        #expect(deadlines.action(at: after(50), limits: limits) == .close)
    }

    @Test func theHandlerHasNoDeadlineAndLingeringIsNotExtended() {
        var deadlines = Deadlines(at: start, limits: limits)
        deadlines.enter(.handling, at: start, limits: limits)
        #expect(deadlines.expiry == nil)
        #expect(deadlines.action(at: after(1e6), limits: limits) == nil)
        deadlines.enter(.lingering, at: start, limits: limits)
        deadlines.progress(1, at: after(4), limits: limits)
        #expect(deadlines.action(at: after(5), limits: limits) == .close)
    }

    @Test func aClientThatHasFinishedSendingIsAskedForOnce() {
        var deadlines = Deadlines(at: start, limits: limits)
        deadlines.enter(.halfClosed, at: start, limits: limits)
        deadlines.progress(1, at: after(0.5), limits: limits)
        #expect(deadlines.action(at: after(0.9), limits: limits) == nil)
        #expect(deadlines.action(at: after(1), limits: limits) == .probe)
    }

    @Test func aSilentStreamBeats() {
        var deadlines = Deadlines(at: start, limits: limits)
        deadlines.enter(.streaming, at: start, limits: limits)
        #expect(deadlines.action(at: after(14.9), limits: limits) == nil)
        #expect(deadlines.action(at: after(15), limits: limits) == .heartbeat)
    }

    @Test func sleepersWakeNotTooEarly() {
        #expect(start.milliseconds(until: MonotonicInstant(nanoseconds: start.nanoseconds + 1)) == 1)
        #expect(start.milliseconds(until: after(2)) == 2_000)
        #expect(after(2).milliseconds(until: start) == 0)
        #expect(start.milliseconds(until: after(1e9)) == Int32.max)
    }
}
