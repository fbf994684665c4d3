import LoopReference
import Testing
@testable import Engine

/// Twice the size by repetition and a convolution.
@Suite(.timeLimit(.minutes(60))) struct UpsampleTests {
    @Test func repeatsThenConvolves() throws {
        let (layer, weights) = try LayerWeights.layer(seed: 1) { Upsample($0, 3) }
        var numbers = Numbers(seed: 2)
        let x = numbers.tensor([3, 4, 5])
        let expected = Reference.convolution(
            Reference.nearestX2(x), weight: weights["conv.weight"], bias: weights["conv.bias"], padding: Padding(all: 1))
        expectClose(layer(x), expected, "upsample")
        #expect(layer.multiplyAdds(20) == 80 * 3 * 3 * 9)
    }
}
