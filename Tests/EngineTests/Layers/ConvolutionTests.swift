import LoopReference
import Testing
@testable import Engine

/// A convolution with bias, from its weights.
@Suite(.timeLimit(.minutes(60))) struct ConvolutionTests {
    @Test(arguments: [(3, 1), (3, 2), (1, 1), (5, 1)]) func agreesWithTheDefinition(side: Int, stride: Int) throws {
        let (layer, weights) = try LayerWeights.layer(seed: 1) { Convolution($0, 3, 5, side: side, stride: stride) }
        #expect(weights["weight"].shape == [5, 3, side, side] && layer.outputs == 5)
        var numbers = Numbers(seed: 2)
        let x = numbers.tensor([3, 8, 10])
        let expected = Reference.convolution(
            x, weight: weights["weight"], bias: weights["bias"], stride: stride, padding: Padding(all: side / 2), activation: .relu)
        expectClose(layer(x, activation: .relu), expected, "side \(side), stride \(stride)")
        #expect(layer.multiplyAdds(expected.positions) == expected.count * 3 * side * side)
    }

    /// What is added for each output, as a resnet adds the time.
    @Test func anOffsetIsAddedToTheBias() throws {
        let (layer, weights) = try LayerWeights.layer(seed: 3) { Convolution($0, 2, 4) }
        var numbers = Numbers(seed: 4)
        let x = numbers.tensor([2, 6, 5]), offset = numbers.tensor([4, 1])
        let expected = Reference.convolution(
            x, weight: weights["weight"], bias: Reference.sum(weights["bias"], offset.reshaped([4])), padding: Padding(all: 1))
        expectClose(layer(RowSource(Channels(x)), offset: offset), expected, "offset")
    }
}
