/// diffusers' BasicTransformerBlock: attention to itself (or, at levels with cross-attention only, to the prompt), attention to the prompt,
/// and a GEGLU feed-forward, each behind a layer normalisation and around a residual.
struct TransformerBlock: Sendable {
    private let norm1, norm2, norm3: Normalization
    private let attention1, attention2: Attention
    private let widen, narrow: Linear
    private let onlyCrossAttention: Bool

    init(_ scope: WeightScope, _ channels: Int, promptChannels: Int, heads: Int, onlyCrossAttention: Bool) {
        self.onlyCrossAttention = onlyCrossAttention
        norm1 = Normalization(scope("norm1"), channels, .pixel, epsilon: 1e-5)
        attention1 = Attention(scope("attn1"), channels, contextChannels: onlyCrossAttention ? promptChannels : channels, heads: heads)
        norm2 = Normalization(scope("norm2"), channels, .pixel, epsilon: 1e-5)
        attention2 = Attention(scope("attn2"), channels, contextChannels: promptChannels, heads: heads)
        norm3 = Normalization(scope("norm3"), channels, .pixel, epsilon: 1e-5)
        widen = Linear(scope("ff.net.0.proj"), channels, channels * 8)  // four times the width, twice: values and gates
        narrow = Linear(scope("ff.net.2"), channels * 4, channels)
    }

    /// - Parameters:
    ///   - tokens: `[channels, n]`
    ///   - prompt: `[promptChannels, m]`
    func callAsFunction(_ tokens: consuming Tensor, prompt: Tensor) -> Tensor {
        var x = tokens
        x = attention1(norm1(x), context: onlyCrossAttention ? prompt : nil, addedTo: consume x)
        x = attention2(norm2(x), context: prompt, addedTo: consume x)
        return narrow(widen.gated(norm3(x)), addedTo: consume x, inPlace: true)
    }

    func multiplyAdds(_ positions: Int, promptTokens: Int) -> Int {
        attention1.multiplyAdds(positions, keys: onlyCrossAttention ? promptTokens : nil)
            + attention2.multiplyAdds(positions, keys: promptTokens)
            + widen.multiplyAdds(positions) + narrow.multiplyAdds(positions)
    }
}
