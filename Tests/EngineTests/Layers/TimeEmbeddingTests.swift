import Foundation
import LoopReference
import Testing
@testable import Engine

/// The timestep as a vector.
@Suite(.timeLimit(.minutes(60))) struct TimeEmbeddingTests {
    /// Waves from one turn in 2 pi steps to one in 10000 times as many, cosines first, as diffusers has them with flip_sin_to_cos.
    @Test func wavesAreGeometricallySpaced() {
        let waves = TimeEmbedding.sinusoids(3, channels: 8)
        #expect(waves.shape == [8, 1])
        for index in 0..<4 {
            let angle = 3 * pow(10_000, -Double(index) / 4)
            #expect(abs(Double(waves.values[index]) - cos(angle)) < 1e-6 && abs(Double(waves.values[4 + index]) - sin(angle)) < 1e-6)
        }
        #expect(TimeEmbedding.sinusoids(0, channels: 4).values == [1, 1, 0, 0])
    }

    @Test func twoLayersFollow() throws {
        let (layer, weights) = try LayerWeights.layer(seed: 1) { TimeEmbedding($0, 8) }
        let hidden = Reference.linear(
            TimeEmbedding.sinusoids(500, channels: 8), weight: weights["linear_1.weight"], bias: weights["linear_1.bias"], activation: .silu
        )
        let expected = Reference.linear(
            hidden, weight: weights["linear_2.weight"], bias: weights["linear_2.bias"], activation: .silu)
        #expect(expected.shape == [32, 1])
        expectClose(layer(500), expected, "embedding")
        #expect(layer.multiplyAdds == 8 * 32 + 32 * 32)
    }
}
