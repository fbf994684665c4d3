/// The bottom of a UNet: diffusers' UNetMidBlock2DCrossAttn (resnet, transformer, resnet), or UNetMidBlock2D without layers (one resnet).
struct MidBlock: Sendable {
    private let channels: Int
    private let first: ResnetBlock
    private let rest: (transformer: SpatialTransformer, resnet: ResnetBlock)?

    init(_ scope: WeightScope, config: ModelConfig.UNet, norm: Normalization.Kind) {
        let level = config.levels - 1, channels = config.blockOutChannels[level]
        self.channels = channels
        func resnet(_ index: Int) -> ResnetBlock {
            ResnetBlock(
                scope("resnets.\(index)"), channels, channels, timeChannels: config.timeChannels, norm: norm, epsilon: UNetEncoder.epsilon)
        }
        first = resnet(0)
        // Attention of tokens to themselves comes first here even where the level has cross-attention only.
        rest =
            config.midBlockType == "UNetMidBlock2D"
            ? nil
            : (
                SpatialTransformer(
                    scope("attentions.0"), channels, heads: config.attentionHeadDim[level], onlyCrossAttention: false, unet: config,
                    norm: norm),
                resnet(1)
            )
    }

    func callAsFunction(_ x: consuming Tensor, time: Tensor, prompt: Tensor) -> Tensor {
        let x = first(x, time: time)
        guard let rest else { return x }
        return rest.resnet(rest.transformer(x, prompt: prompt), time: time)
    }

    /// Floats alive at the peak beyond the input.
    func memory(_ positions: Int) -> Int {
        let result = channels * positions
        return max(
            first.memory(positions), rest.map { result + max($0.transformer.memory(positions), result + $0.resnet.memory(positions)) } ?? 0)
    }

    func multiplyAdds(_ positions: Int, promptTokens: Int) -> Int {
        first.multiplyAdds(positions)
            + (rest.map { $0.transformer.multiplyAdds(positions, promptTokens: promptTokens) + $0.resnet.multiplyAdds(positions) } ?? 0)
    }
}
