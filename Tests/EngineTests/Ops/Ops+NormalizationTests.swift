import Engine
import LoopReference
import Testing

@Suite(.timeLimit(.minutes(60))) struct OpsNormalizationTests {
    @Test(arguments: [[8, 4, 1, 1], [8, 8, 3, 5], [12, 3, 17, 33], [4, 1, 70, 61]], [Activation.identity, .silu])
    func groupNormAgrees(_ s: [Int], activation: Activation) {
        var numbers = Numbers(seed: 5)
        let x = numbers.tensor([s[0], s[2], s[3]], scale: 3), weight = numbers.tensor([s[0]]), bias = numbers.tensor([s[0]])
        expectClose(
            Ops.groupNorm(Channels(x), groups: s[1], weight: weight, bias: bias, epsilon: 1e-5, activation: activation),
            Reference.groupNorm(x, groups: s[1], weight: weight, bias: bias, epsilon: 1e-5, activation: activation), "\(s) \(activation)")
    }

    @Test func groupNormKeepsPrecisionFarFromZero() {
        var numbers = Numbers(seed: 6)
        let x = Ops.affine(numbers.tensor([4, 120, 90]), scale: 0.01, shift: 40)
        let weight = numbers.tensor([4]), bias = numbers.tensor([4])
        // 40 is known to 4e-6: 4e-4 of a spread of 0.01. Sums in single precision would be off by ten times more.
        expectClose(
            Ops.groupNorm(Channels(x), groups: 2, weight: weight, bias: bias, epsilon: 1e-6),
            Reference.groupNorm(x, groups: 2, weight: weight, bias: bias, epsilon: 1e-6), tolerance: 5e-4, "far from zero")
    }

    @Test(arguments: [[1, 1, 1], [5, 3, 7], [48, 37, 41], [3, 1, 1025]], [Activation.identity, .silu, .relu])
    func pixelNormAgrees(_ shape: [Int], activation: Activation) {
        var numbers = Numbers(seed: 7)
        let x = numbers.tensor(shape, scale: 2), weight = numbers.tensor([shape[0]]), bias = numbers.tensor([shape[0]])
        expectClose(
            Ops.pixelNorm(Channels(x), weight: weight, bias: bias, epsilon: 1e-5, activation: activation),
            Reference.pixelNorm(x, weight: weight, bias: bias, epsilon: 1e-5, activation: activation), "\(shape) \(activation)")
    }
}
