import LoopReference
import Testing
@testable import Engine

/// A normalisation of either kind, and the rows that a convolution reads.
@Suite(.timeLimit(.minutes(60))) struct NormalizationTests {
    @Test func bothKindsAgreeWithTheirDefinitions() throws {
        var numbers = Numbers(seed: 2)
        let x = numbers.tensor([6, 5, 7])
        for kind in [Normalization.Kind.group(3), .pixel] {
            let (layer, weights) = try LayerWeights.layer(seed: 1) { Normalization($0, 6, kind, epsilon: 1e-5) }
            let expected =
                switch kind {
                case .group(let groups):
                    Reference.groupNorm(
                        x, groups: groups, weight: weights["weight"], bias: weights["bias"], epsilon: 1e-5, activation: .silu)
                case .pixel: Reference.pixelNorm(x, weight: weights["weight"], bias: weights["bias"], epsilon: 1e-5, activation: .silu)
                }
            expectClose(layer(x, activation: .silu), expected, "\(kind)")
            // A convolution of side 1 with the unit matrix gives the rows as they were made.
            var unit = Tensor(zeros: [6, 6, 1, 1])
            for channel in 0..<6 { unit.values[channel * 7] = 1 }
            expectClose(
                Ops.convolution(layer.rows(of: Channels(x), activation: .silu), weight: Weight(unit), padding: Padding(all: 0)), expected,
                "rows, \(kind)")
        }
    }
}
