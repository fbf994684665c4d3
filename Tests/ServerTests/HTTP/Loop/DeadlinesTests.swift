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
        for second in 1...10 { deadlines.progress(at: after(Double(second)), limits: limits) }
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
        for step in 1...10 { deadlines.progress(at: after(Double(step) * 29), limits: limits) }
        #expect(deadlines.action(at: after(319), limits: limits) == nil)
        guard case .answer(let error) = deadlines.action(at: after(320), limits: limits) else {
            Issue.record("no answer")
            return
        }
        #expect(error.status == .requestTimeout)
    }

    @Test func aClientThatDoesNotReadIsClosed() {
        var deadlines = Deadlines(at: start, limits: limits)
        deadlines.enter(.writing, at: start, limits: limits)
        deadlines.progress(at: after(20), limits: limits)
        #expect(deadlines.action(at: after(49), limits: limits) == nil)
        #expect(deadlines.action(at: after(50), limits: limits) == .close)
    }

    @Test func theHandlerHasNoDeadlineAndLingeringIsNotExtended() {
        var deadlines = Deadlines(at: start, limits: limits)
        deadlines.enter(.handling, at: start, limits: limits)
        #expect(deadlines.expiry == nil)
        #expect(deadlines.action(at: after(1e6), limits: limits) == nil)
        deadlines.enter(.lingering, at: start, limits: limits)
        deadlines.progress(at: after(4), limits: limits)
        #expect(deadlines.action(at: after(5), limits: limits) == .close)
    }

    @Test func aClientThatHasFinishedSendingIsAskedForOnce() {
        var deadlines = Deadlines(at: start, limits: limits)
        deadlines.enter(.halfClosed, at: start, limits: limits)
        deadlines.progress(at: after(0.5), limits: limits)
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
