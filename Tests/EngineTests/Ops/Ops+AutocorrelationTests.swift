@testable import Engine
import LoopReference
import Testing

/// Sums over lags and windows against their definitions.
@Suite(.timeLimit(.minutes(60))) struct OpsAutocorrelationTests {
    /// One cell, cells of one pixel, a picture narrower than the lags, more columns than a strip.
    @Test(arguments: [[1, 8, 8, 8], [2, 24, 16, 8], [1, 5, 7, 1], [2, 6, 1200, 6]])
    func lagProductsAgree(_ s: [Int]) {
        var numbers = Numbers(seed: 26)
        let x = numbers.tensor([s[0], s[1], s[2]])
        let lags = [(0, 0), (3, 0), (-3, 2), (16, 16), (-16, 4), (0, 7)].map { Ops.Lag(across: $0.0, down: $0.1) }
        expectClose(Ops.lagProducts(x, lags: lags, cell: s[3]), Reference.lagProducts(x, lags: lags, cell: s[3]), "\(s)")
    }

    @Test(arguments: [[1, 1, 1], [3, 2, 9], [17, 12, 3], [2, 30, 41]])
    func windowsAndDifferencesAgree(_ shape: [Int]) {
        var numbers = Numbers(seed: 27)
        let x = numbers.tensor(shape), plane = numbers.tensor([1, shape[1], shape[2]])
        for window in [1, 3, 5] {
            expectClose(Ops.windowSums(x, window: window), Reference.windowSums(x, window: window), "\(shape) by \(window)")
        }
        expectClose(Ops.forwardDifferences(plane), Reference.forwardDifferences(plane), "\(shape)")
        expectClose(Ops.compressed(x, scale: 0.1, knee: 0.02), Reference.compressed(x, scale: 0.1, knee: 0.02), "\(shape)")
    }
}
