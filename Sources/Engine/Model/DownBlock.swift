/// One level of a UNet's encoder, diffusers' DownBlock2D or CrossAttnDownBlock2D: resnets, each followed by a transformer in the latter,
/// then a downsampling unless it is the last level.
struct DownBlock: Sendable {
    private let resnets: [ResnetBlock]
    private let transformers: [SpatialTransformer]
    private let downsample: Downsample?
    private let outputs: Int

    init(_ scope: WeightScope, level: Int, config: ModelConfig.UNet, norm: Normalization.Kind) {
        let outputs = config.blockOutChannels[level]
        self.outputs = outputs
        let inputs = config.blockOutChannels[max(level - 1, 0)]
        resnets = (0..<config.layersPerBlock).map {
            ResnetBlock(
                scope("resnets.\($0)"), $0 == 0 ? inputs : outputs, outputs, timeChannels: config.timeChannels, norm: norm,
                epsilon: UNetEncoder.epsilon)
        }
        transformers =
            config.downBlockTypes[level] == "CrossAttnDownBlock2D"
            ? (0..<config.layersPerBlock).map {
                SpatialTransformer(
                    scope("attentions.\($0)"), outputs, heads: config.attentionHeadDim[level],
                    onlyCrossAttention: config.onlyCrossAttention[level],
                    unet: config, norm: norm)
            } : []
        downsample = level == config.levels - 1 ? nil : Downsample(scope("downsamplers.0"), outputs, .symmetric)
    }

    /// - Parameters:
    ///   - x: `[inputs, height, width]`
    ///   - time: SiLU of the time embedding
    ///   - skips: takes the output of every layer, for the decoder
    func callAsFunction(_ x: consuming Tensor, time: Tensor, prompt: Tensor, skips: inout [Tensor]) -> Tensor {
        var x = x
        for (index, resnet) in resnets.enumerated() {
            x = resnet(x, time: time)
            if index < transformers.count { x = transformers[index](x, prompt: prompt) }
            skips.append(x)
        }
        if let downsample {
            x = downsample(x)
            skips.append(x)
        }
        return x
    }

    /// Floats alive at the peak beyond the input, and of what the skip connections keep.
    func memory(_ positions: Int) -> (peak: Int, kept: Int) {
        var peak = 0, kept = 0
        for index in resnets.indices {
            peak = max(peak, kept + resnets[index].memory(positions))
            if index < transformers.count { peak = max(peak, kept + outputs * positions + transformers[index].memory(positions)) }
            kept += outputs * positions
        }
        if let downsample {
            kept += downsample.memory(positions)
            peak = max(peak, kept)
        }
        return (peak, kept)
    }

    func multiplyAdds(_ positions: Int, promptTokens: Int) -> Int {
        resnets.reduce(0) { $0 + $1.multiplyAdds(positions) }
            + transformers.reduce(0) { $0 + $1.multiplyAdds(positions, promptTokens: promptTokens) }
            + (downsample?.multiplyAdds(positions) ?? 0)
    }
}

extension ModelConfig.UNet {
    /// Width of the time embedding.
    var timeChannels: Int { blockOutChannels[0] * 4 }
}
