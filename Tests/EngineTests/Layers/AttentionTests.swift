import LoopReference
import Testing
@testable import Engine

/// Heads that look at a context, or at the tokens themselves.
@Suite(.timeLimit(.minutes(60))) struct AttentionTests {
    private func reference(_ w: LayerWeights, _ x: Tensor, _ context: Tensor, heads: Int, addedTo sum: Tensor) -> Tensor {
        let attended = Reference.attention(
            query: Reference.linear(x, weight: w["to_q.weight"]), key: Reference.linear(context, weight: w["to_k.weight"]),
            value: Reference.linear(context, weight: w["to_v.weight"]), heads: heads)
        return Reference.linear(attended, weight: w["to_out.0.weight"], bias: w["to_out.0.bias"], addedTo: sum)
    }

    @Test func looksAtAContextOrAtItself() throws {
        var numbers = Numbers(seed: 2)
        let x = numbers.tensor([8, 12]), context = numbers.tensor([5, 3]), sum = numbers.tensor([8, 12])
        let (cross, w) = try LayerWeights.layer(seed: 1) { Attention($0, 8, contextChannels: 5, heads: 2) }
        expectClose(cross(x, context: context, addedTo: sum), reference(w, x, context, heads: 2, addedTo: sum), tolerance: 1e-5, "cross")
        let (own, v) = try LayerWeights.layer(seed: 3) { Attention($0, 8, contextChannels: 8, heads: 4) }
        expectClose(own(x, addedTo: sum), reference(v, x, x, heads: 4, addedTo: sum), tolerance: 1e-5, "self")
        #expect(cross.multiplyAdds(12, keys: 3) == 2 * 8 * 8 * 12 + 2 * 8 * 5 * 3 + 2 * 8 * 12 * 3)
    }

    /// The autoencoder's has one head, and a bias everywhere.
    @Test func theAutoencodersHasBiases() throws {
        let (_, weights) = try LayerWeights.layer(seed: 1) { Attention(autoencoder: $0, 8) }
        #expect(weights.names == Set(["to_q", "to_k", "to_v", "to_out.0"].flatMap { ["\($0).weight", "\($0).bias"] }))
    }
}
