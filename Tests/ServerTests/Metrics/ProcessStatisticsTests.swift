import Testing
@testable import Server

/// What Linux says of this process.
@Suite(.timeLimit(.minutes(60))) struct ProcessStatisticsTests {
    @Test func countsThisProcess() throws {
        let before = ProcessStatistics.read()
        let resident = try #require(before.residentBytes), virtual = try #require(before.virtualBytes)
        #expect(resident > 1 << 20 && virtual >= resident)
        #expect(try #require(before.openFiles) >= 3)
        var sum = 0.0
        for index in 0..<2_000_000 { sum += Double(index).squareRoot() }
        #expect(sum > 0 && (ProcessStatistics.read().cpuSeconds ?? 0) > (before.cpuSeconds ?? .infinity))
    }
}
