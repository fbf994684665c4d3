import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct PlaceForecastTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000_000)
    private func after(_ seconds: Double) -> MonotonicInstant { start.advanced(bySeconds: seconds) }

    /// Each refused client gets a place behind those before it, and the places come nearer as time passes.
    @Test func theTimeGrowsWithTheRefusals() {
        let forecast = PlaceForecast()
        func refuse(at seconds: Double) -> Int {
            forecast.refused(secondsUntilPlace: 3, secondsPerPlace: 2, measured: 100, at: after(seconds))
        }
        let times = (0..<20).map { _ in refuse(at: 0) }
        for (index, time) in times.enumerated() {
            let place = 3 + 2 * Double(index)
            #expect(Double(time) >= place && Double(time) <= place * (1 + PlaceForecast.jitter) + 1, "\(index): \(time)")
        }
        #expect((29...36).contains(refuse(at: 14)), "the 21st place is at 43 s")
        #expect((3...5).contains(refuse(at: 1_000)), "nobody waits any more")
        for _ in 0..<1_000 { _ = refuse(at: 1_000) }
        #expect(refuse(at: 1_000) <= 361, "nobody is sent away for longer")
    }

    @Test func aFullQueueIsKnownUntilAJobEnds() throws {
        let forecast = PlaceForecast()
        #expect(forecast.foresee(at: start) == nil)
        _ = forecast.refused(secondsUntilPlace: 1, secondsPerPlace: 1, measured: 7, at: start)
        let known = try #require(forecast.foresee(at: after(1)))
        #expect(known.measured == 7 && known.retryAfterSeconds >= 1)
        forecast.opened()
        #expect(forecast.foresee(at: after(1)) == nil)
        _ = forecast.refused(secondsUntilPlace: 1, secondsPerPlace: 1, measured: 7, at: after(1))
        #expect(forecast.foresee(at: after(1 + PlaceForecast.memorySeconds)) == nil, "it is asked again now and then")
    }
}
