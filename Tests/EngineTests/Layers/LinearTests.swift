import LoopReference
import Testing
@testable import Engine

/// A linear layer over the channels.
@Suite(.timeLimit(.minutes(60))) struct LinearTests {
    @Test(arguments: [(3, 5, true), (8, 1, false)]) func agreesWithTheDefinition(inputs: Int, outputs: Int, hasBias: Bool) throws {
        let (layer, weights) = try LayerWeights.layer(seed: 1) { Linear($0("a"), inputs, outputs, bias: hasBias) }
        #expect(weights.names == (hasBias ? ["a.weight", "a.bias"] : ["a.weight"]))
        var numbers = Numbers(seed: 2)
        let x = numbers.tensor([inputs, 7]), sum = numbers.tensor([outputs, 7]), bias = hasBias ? weights["a.bias"] : nil
        expectClose(
            layer(x, activation: .silu, addedTo: sum),
            Reference.linear(x, weight: weights["a.weight"], bias: bias, activation: .silu, addedTo: sum), "linear")
        #expect(layer.multiplyAdds(7) == inputs * outputs * 7)
    }

    /// One matrix, three ways to store it.
    @Test func aConvolutionOfSideOneIsALinearLayer() throws {
        let (layer, weights) = try LayerWeights.layer(seed: 3) { Linear($0, 4, 6, form: .convolution) }
        #expect(weights["weight"].shape == [6, 4, 1, 1])
        var builder = SafetensorsBuilder()
        builder.add("weight", [6, 4, 1, 1], floats: weights["weight"].values)
        builder.add("bias", [6], floats: weights["bias"].values)
        let file = WeightFile(try SafetensorsFile(builder.data, name: "f"), name: "f", purpose: .load)
        let either = Linear(WeightScope(file), 4, 6, form: .either)
        #expect(file.finish() == [])
        var numbers = Numbers(seed: 4)
        let x = numbers.tensor([4, 9])
        #expect(either(x).values == layer(x).values)
    }

    @Test func theSecondHalfGatesTheFirst() throws {
        let (layer, weights) = try LayerWeights.layer(seed: 5) { Linear($0, 4, 6) }
        var numbers = Numbers(seed: 6)
        let x = numbers.tensor([4, 11])
        expectClose(layer.gated(x), Reference.geglu(Reference.linear(x, weight: weights["weight"], bias: weights["bias"])), "gated")
    }
}
