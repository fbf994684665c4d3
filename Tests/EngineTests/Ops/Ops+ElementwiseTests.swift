import Engine
import LoopReference
import Testing

@Suite(.timeLimit(.minutes(60))) struct OpsElementwiseTests {
    @Test(arguments: [1, 5, 16, 1023, 70_001])
    func arithmeticAgrees(count: Int) {
        var numbers = Numbers(seed: 9)
        let x = numbers.tensor([count], scale: 5), y = numbers.tensor([count])
        expectClose(Ops.sum(x, y), Reference.sum(x, y), "sum of \(count)")
        expectClose(Ops.product(x, y), Reference.product(x, y), "product of \(count)")
        expectClose(Ops.mix(x, times: 0.3, y, times: -1.7), Reference.mix(x, times: 0.3, y, times: -1.7), "mix of \(count)")
        expectClose(Ops.affine(x, scale: 2, shift: -1), Reference.affine(x, scale: 2, shift: -1), "affine of \(count)")
        expectClose(Ops.clamped(x, low: -1, high: 2), Reference.clamped(x, low: -1, high: 2), "clamp of \(count)")
        for activation in [Activation.identity, .relu, .silu] {
            expectClose(Ops.activated(x, activation), Reference.activated(x, activation), "\(activation) of \(count)")
        }
    }

    @Test func siluIsExactInTheTails() {
        let x = Tensor(shape: [7], values: [-90, -80, -20, -1e-6, 0, 30, 200])
        let y = Ops.activated(x, .silu), reference = Reference.activated(x, .silu)
        for (value, expected) in zip(y.values, reference.values) { #expect(abs(value - expected) <= 2e-6 * abs(expected) + 1e-30) }
    }

    @Test(arguments: [[1, 1, 1], [25, 3, 5], [361, 2, 9], [7, 31, 41]])
    func softmaxOverChannelsAgrees(_ shape: [Int]) {
        var numbers = Numbers(seed: 11)
        let x = numbers.tensor(shape, scale: 20)
        expectClose(Ops.softmaxOverChannels(x), Reference.softmaxOverChannels(x), tolerance: 5e-6, "\(shape)")
    }

    @Test func concatenationAndTranspositionAgree() {
        var numbers = Numbers(seed: 12)
        let x = numbers.tensor([3, 4, 5]), y = numbers.tensor([2, 4, 5]), matrix = numbers.tensor([7, 3])
        expectClose(Channels(x, y).tensor, Reference.concatenated(x, y), tolerance: 0, "concatenation")
        expectClose(Ops.transposed(matrix), Reference.transposed(matrix), tolerance: 0, "transposition")
    }

    /// A fault must reach the check at the end, through every loop that could hide it.
    @Test(arguments: [Float.nan, .infinity, -.infinity], [0, 17, 40])
    func faultsStayVisible(_ fault: Float, index: Int) {
        var numbers = Numbers(seed: 13)
        var x = numbers.tensor([2, 41])
        #expect(Ops.allFinite(x))
        x.values[index] = fault
        #expect(!Ops.allFinite(x))
        let one = Tensor(shape: [2], values: [1, 1]), zero = Tensor(shape: [2], values: [0, 0])
        #expect(!Ops.allFinite(Ops.activated(x, .silu)))
        #expect(!Ops.allFinite(Ops.geglu(Channels(x), weight: Weight(Tensor(shape: [2, 2], values: [1, 0, 0, 1])))))
        #expect(!Ops.allFinite(Ops.softmaxOverChannels(x)))
        #expect(!Ops.allFinite(Ops.pixelNorm(Channels(x), weight: one, bias: zero, epsilon: 1e-5, activation: .silu)))
        #expect(!Ops.allFinite(Ops.groupNorm(Channels(x), groups: 1, weight: one, bias: zero, epsilon: 1e-5)))
        #expect(!Ops.allFinite(Ops.attention(query: x, key: x, value: x, heads: 1)))
        if fault.isNaN { #expect(!Ops.allFinite(Ops.clamped(x, low: 0, high: 1))) }
    }
}
