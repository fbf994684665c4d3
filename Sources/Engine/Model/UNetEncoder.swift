/// What UNet and ControlNet have in common: `conv_in`, `time_embedding`, `down_blocks`, `mid_block`, by diffusers' names.
struct UNetEncoder: Sendable {
    /// The epsilon of the resnets' normalisations and of the last one.
    static let epsilon: Float = 1e-5

    private let convIn: Convolution
    private let timeEmbedding: TimeEmbedding
    private let downBlocks: [DownBlock]
    private let midBlock: MidBlock
    private let lastWidth: Int

    struct Output {
        /// After conv_in and after every layer, from the top down.
        var skips: [Tensor]
        /// `[last width, height, width]` at the bottom
        var middle: Tensor
    }

    init(_ scope: WeightScope, config: ModelConfig.UNet, norm: Normalization.Kind) {
        convIn = Convolution(scope("conv_in"), config.inChannels, config.blockOutChannels[0])
        lastWidth = config.blockOutChannels[config.levels - 1]
        timeEmbedding = TimeEmbedding(scope("time_embedding"), config.blockOutChannels[0])
        downBlocks = (0..<config.levels).map { DownBlock(scope("down_blocks.\($0)"), level: $0, config: config, norm: norm) }
        midBlock = MidBlock(scope("mid_block"), config: config, norm: norm)
    }

    /// conv_in of the latent `[in channels, height, width]`: `[first width, height, width]`.
    func enter(_ latent: Tensor) -> Tensor { convIn(latent) }

    func time(_ timestep: Int) -> Tensor { timeEmbedding(timestep) }

    /// - Parameters:
    ///   - x: what `enter` gave, with whatever is added to it
    ///   - time: what `time` gave
    ///   - prompt: `[cross-attention width, tokens]`
    func callAsFunction(_ x: consuming Tensor, time: Tensor, prompt: Tensor) -> Output {
        var x = x
        var skips = [x]
        for block in downBlocks { x = block(x, time: time, prompt: prompt, skips: &skips) }
        return Output(skips: skips, middle: midBlock(x, time: time, prompt: prompt))
    }

    /// Floats alive at the peak, and of its output.
    /// - Parameter positions: of the latent
    func memory(_ positions: Int) -> (peak: Int, kept: Int) {
        var kept = convIn.outputs * positions, peak = convIn.memory(positions), positions = positions
        for block in downBlocks {
            let own = block.memory(positions)
            peak = max(peak, kept + own.peak)
            kept += own.kept
            positions /= 4
        }
        positions *= 4  // the last level is not halved
        return (max(peak, kept + midBlock.memory(positions)), kept + lastWidth * positions)
    }

    /// - Parameter positions: of the latent
    func multiplyAdds(_ positions: Int, promptTokens: Int) -> Int {
        let levels = downBlocks.enumerated().reduce(0) {
            $0 + $1.element.multiplyAdds(positions >> (2 * $1.offset), promptTokens: promptTokens)
        }
        let bottom = midBlock.multiplyAdds(positions >> (2 * (downBlocks.count - 1)), promptTokens: promptTokens)
        return convIn.multiplyAdds(positions) + timeEmbedding.multiplyAdds + levels + bottom
    }
}
