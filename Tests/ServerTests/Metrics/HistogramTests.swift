import Testing
@testable import Server

/// Values counted by bounds.
@Suite(.timeLimit(.minutes(60))) struct HistogramTests {
    @Test func aValueOnABoundBelongsToIt() {
        var histogram = Histogram(bounds: [1, 2, 4])
        for value in [0.5, 1, 1.5, 2, 4, 4.5, -1] { histogram.observe(value) }
        #expect(histogram.counts == [3, 2, 1, 1] && histogram.count == 7 && histogram.sum == 12.5)
        #expect(histogram.cumulative.map(\.count) == [3, 5, 6, 7] && histogram.cumulative.map(\.bound) == [1, 2, 4, .infinity])
    }

    /// One NaN would make every later sum NaN.
    @Test func whatIsNoNumberIsNotCounted() {
        var histogram = Histogram(bounds: [1])
        for value in [Double.nan, .infinity, -.infinity] { histogram.observe(value) }
        #expect(histogram.count == 0 && histogram.sum == 0)
    }
}
