import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct ReadinessLogTests {
    /// Numbers that differ from poll to poll are the same trouble.
    @Test func oneTroubleIsToldOnce() throws {
        let log = LogLines(), readiness = ReadinessLog(logger: log.logger)
        for free in [3, 2, 1] { readiness.note(.fullDisk(freeBytes: free, neededBytes: 9)) }
        for seconds in 1...3 { readiness.note(.workers("no progress for \(seconds) s")) }
        readiness.note(.fullDisk(freeBytes: 0, neededBytes: 9))
        #expect(try log.lines(of: "not ready").count == 3)
        for _ in 0..<2 { readiness.note(nil) }
        #expect(try log.lines(of: "ready again").count == 1)
    }
}
