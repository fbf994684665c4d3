/// diffusers' Transformer2DModel with one block: normalise, project in, transform the positions as tokens, project out, add.
struct SpatialTransformer: Sendable {
    private let norm: Normalization
    private let projectIn, projectOut: Linear
    private let block: TransformerBlock
    private let channels: Int

    init(_ scope: WeightScope, _ channels: Int, heads: Int, onlyCrossAttention: Bool, unet: ModelConfig.UNet, norm kind: Normalization.Kind)
    {
        let form: Linear.Form = unet.useLinearProjection ? .matrix : .convolution
        self.channels = channels
        norm = Normalization(scope("norm"), channels, kind, epsilon: 1e-6)  // unlike the resnets' 1e-5
        projectIn = Linear(scope("proj_in"), channels, channels, form: form)
        block = TransformerBlock(
            scope("transformer_blocks.0"), channels, promptChannels: unet.crossAttentionDim, heads: heads,
            onlyCrossAttention: onlyCrossAttention)
        projectOut = Linear(scope("proj_out"), channels, channels, form: form)
    }

    /// - Parameters:
    ///   - x: `[channels, height, width]`
    ///   - prompt: `[promptChannels, m]`
    func callAsFunction(_ x: Tensor, prompt: Tensor) -> Tensor {
        projectOut(block(projectIn(norm(x)), prompt: prompt), addedTo: x)
    }

    /// Floats alive at the peak beyond the input: when the feed-forward's 4 for each channel are laid out for the product beside the
    /// residual. Attention has 8 at once: residual, norm, queries, keys, values, keys and values laid out, result.
    func memory(_ positions: Int) -> Int { 9 * channels * positions }

    func multiplyAdds(_ positions: Int, promptTokens: Int) -> Int {
        projectIn.multiplyAdds(positions) + block.multiplyAdds(positions, promptTokens: promptTokens) + projectOut.multiplyAdds(positions)
    }
}
