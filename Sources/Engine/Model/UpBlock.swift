/// One level of the UNet's decoder, diffusers' UpBlock2D or CrossAttnUpBlock2D: one more layer than the encoder's level, each taking the
/// last skip connection left, then an upsampling unless it is the top.
struct UpBlock: Sendable {
    private let resnets: [ResnetBlock]
    private let transformers: [SpatialTransformer]
    private let upsample: Upsample?
    private let outputs: Int

    /// - Parameter index: 0 at the bottom
    init(_ scope: WeightScope, index: Int, config: ModelConfig.UNet, norm: Normalization.Kind) {
        let level = config.levels - 1 - index
        let outputs = config.blockOutChannels[level]
        self.outputs = outputs
        let below = config.blockOutChannels[min(level + 1, config.levels - 1)]
        let lastSkip = config.blockOutChannels[max(level - 1, 0)]
        let layers = config.layersPerBlock + 1
        resnets = (0..<layers).map {
            let inputs = ($0 == 0 ? below : outputs) + ($0 == layers - 1 ? lastSkip : outputs)
            return ResnetBlock(
                scope("resnets.\($0)"), inputs, outputs, timeChannels: config.timeChannels, norm: norm, epsilon: UNetEncoder.epsilon)
        }
        transformers =
            config.upBlockTypes[index] == "CrossAttnUpBlock2D"
            ? (0..<layers).map {
                SpatialTransformer(
                    scope("attentions.\($0)"), outputs, heads: config.attentionHeadDim[level],
                    onlyCrossAttention: config.onlyCrossAttention[level],
                    unet: config, norm: norm)
            } : []
        upsample = level == 0 ? nil : Upsample(scope("upsamplers.0"), outputs)
    }

    /// - Parameter skips: gives up the last of its tensors to each layer
    func callAsFunction(_ x: consuming Tensor, time: Tensor, prompt: Tensor, skips: inout [Tensor]) -> Tensor {
        var x = x
        for (index, resnet) in resnets.enumerated() {
            x = resnet(Channels(consume x, skips.removeLast()), time: time)
            if index < transformers.count { x = transformers[index](x, prompt: prompt) }
        }
        return upsample?(x) ?? x
    }

    /// Floats alive at the peak beyond the input and the skip connections.
    func memory(_ positions: Int) -> Int {
        let result = outputs * positions
        var peak = upsample.map { result + $0.memory(positions) } ?? 0
        for (index, resnet) in resnets.enumerated() {
            peak = max(peak, (index > 0 ? result : 0) + resnet.memory(positions))
            if index < transformers.count { peak = max(peak, result + transformers[index].memory(positions)) }
        }
        return peak
    }

    func multiplyAdds(_ positions: Int, promptTokens: Int) -> Int {
        resnets.reduce(0) { $0 + $1.multiplyAdds(positions) }
            + transformers.reduce(0) { $0 + $1.multiplyAdds(positions, promptTokens: promptTokens) }
            + (upsample?.multiplyAdds(positions) ?? 0)
    }
}
