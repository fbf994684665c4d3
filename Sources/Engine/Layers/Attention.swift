/// Multi-head attention of tokens to a context, or to themselves: tensors `to_q`, `to_k`, `to_v`, `to_out.0`.
struct Attention: Sendable {
    private let query, key, value, out: Linear
    private let channels, contextChannels, heads: Int

    /// diffusers' `Attention` inside a transformer block: no bias before the heads.
    init(_ scope: WeightScope, _ channels: Int, contextChannels: Int, heads: Int) {
        self.init(
            channels: channels, contextChannels: contextChannels, heads: heads,
            query: Linear(scope("to_q"), channels, channels, bias: false),
            key: Linear(scope("to_k"), contextChannels, channels, bias: false),
            value: Linear(scope("to_v"), contextChannels, channels, bias: false),
            out: Linear(scope("to_out.0"), channels, channels))
    }

    /// The one head of an autoencoder's middle, with biases; files of before 2023 name it differently and store 1x1 convolutions.
    init(autoencoder scope: WeightScope, _ channels: Int) {
        self.init(
            channels: channels, contextChannels: channels, heads: 1,
            query: Linear(scope("to_q", formerly: "query"), channels, channels, form: .either),
            key: Linear(scope("to_k", formerly: "key"), channels, channels, form: .either),
            value: Linear(scope("to_v", formerly: "value"), channels, channels, form: .either),
            out: Linear(scope("to_out.0", formerly: "proj_attn"), channels, channels, form: .either))
    }

    private init(channels: Int, contextChannels: Int, heads: Int, query: Linear, key: Linear, value: Linear, out: Linear) {
        (self.channels, self.contextChannels, self.heads) = (channels, contextChannels, heads)
        (self.query, self.key, self.value, self.out) = (query, key, value, out)
    }

    /// - Parameters:
    ///   - x: `[channels, n]`
    ///   - context: `[contextChannels, m]`; nil for self-attention
    ///   - sum: the residual, `[channels, n]`, whose place the result takes where nothing else holds it
    func callAsFunction(_ x: Tensor, context: Tensor? = nil, addedTo sum: consuming Tensor) -> Tensor {
        let context = context ?? x
        return out(
            Ops.attention(query: query(x), key: key(context), value: value(context), heads: heads), addedTo: consume sum, inPlace: true)
    }

    /// - Parameter keys: tokens of the context; nil for self-attention
    func multiplyAdds(_ positions: Int, keys: Int?) -> Int {
        let m = keys ?? positions
        return query.multiplyAdds(positions) + key.multiplyAdds(m) + value.multiplyAdds(m) + out.multiplyAdds(positions) + 2 * channels
            * positions * m
    }
}
