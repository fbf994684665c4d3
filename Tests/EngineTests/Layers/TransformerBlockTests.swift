import LoopReference
import Testing
@testable import Engine

/// Attention twice, then a feed-forward.
@Suite(.timeLimit(.minutes(60))) struct TransformerBlockTests {
    private func norm(_ w: LayerWeights, _ name: String, _ x: Tensor) -> Tensor {
        Reference.pixelNorm(x, weight: w["\(name).weight"], bias: w["\(name).bias"], epsilon: 1e-5)
    }

    private func attended(_ w: LayerWeights, _ name: String, _ x: Tensor, _ context: Tensor, addedTo sum: Tensor) -> Tensor {
        let attention = Reference.attention(
            query: Reference.linear(x, weight: w["\(name).to_q.weight"]), key: Reference.linear(context, weight: w["\(name).to_k.weight"]),
            value: Reference.linear(context, weight: w["\(name).to_v.weight"]), heads: 2)
        return Reference.linear(attention, weight: w["\(name).to_out.0.weight"], bias: w["\(name).to_out.0.bias"], addedTo: sum)
    }

    @Test(arguments: [false, true]) func agreesWithTheDefinition(onlyCross: Bool) throws {
        let (block, w) = try LayerWeights.layer(seed: 1) {
            TransformerBlock($0, 8, promptChannels: 5, heads: 2, onlyCrossAttention: onlyCross)
        }
        var numbers = Numbers(seed: 2)
        var x = numbers.tensor([8, 10])
        let tokens = x, prompt = numbers.tensor([5, 3]), first = norm(w, "norm1", x)
        x = attended(w, "attn1", first, onlyCross ? prompt : first, addedTo: x)
        x = attended(w, "attn2", norm(w, "norm2", x), prompt, addedTo: x)
        let wide = Reference.geglu(
            Reference.linear(norm(w, "norm3", x), weight: w["ff.net.0.proj.weight"], bias: w["ff.net.0.proj.bias"]))
        let expected = Reference.linear(wide, weight: w["ff.net.2.weight"], bias: w["ff.net.2.bias"], addedTo: x)
        expectClose(block(tokens, prompt: prompt), expected, tolerance: 1e-5, "block")
    }
}
