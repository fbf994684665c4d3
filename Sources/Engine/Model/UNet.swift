/// U: diffusers' UNet2DConditionModel. Predicts, from the latent of the blurred picture, what stands between it and the sharp one.
struct UNet: Sendable {
    private let encoder: UNetEncoder
    private let upBlocks: [UpBlock]
    private let normOut: Normalization
    private let convOut: Convolution

    init(_ scope: WeightScope, config: ModelConfig.UNet, norm: Normalization.Kind) {
        encoder = UNetEncoder(scope, config: config, norm: norm)
        upBlocks = (0..<config.levels).map { UpBlock(scope("up_blocks.\($0)"), index: $0, config: config, norm: norm) }
        normOut = Normalization(scope("conv_norm_out"), config.blockOutChannels[0], norm, epsilon: UNetEncoder.epsilon)
        convOut = Convolution(scope("conv_out"), config.blockOutChannels[0], config.outChannels)
    }

    /// - Parameters:
    ///   - latent: z_t, `[in channels, height, width]`
    ///   - prompt: c, `[cross-attention width, tokens]`
    ///   - control: what C adds
    /// - Returns: `[out channels, height, width]`
    func callAsFunction(_ latent: Tensor, timestep: Int, prompt: Tensor, control: consuming ControlNet.Residuals?) -> Tensor {
        let time = encoder.time(timestep)
        var (skips, x) = encoded(latent, time: time, prompt: prompt, control: control)
        for block in upBlocks { x = block(x, time: time, prompt: prompt, skips: &skips) }
        return convOut(normOut.rows(of: Channels(x), activation: .silu))
    }

    private func encoded(_ latent: Tensor, time: Tensor, prompt: Tensor, control: consuming ControlNet.Residuals?) -> (
        skips: [Tensor], middle: Tensor
    ) {
        var output = encoder(encoder.enter(latent), time: time, prompt: prompt)
        guard var control else { return (output.skips, output.middle) }
        // Nothing else holds a skip connection while it is added to, so that it is changed in place.
        let none = Tensor(shapeOnly: [0])
        for index in output.skips.indices { output.skips[index] = control.addFirst(to: exchange(&output.skips[index], with: none)) }
        return (output.skips, control.addFirst(to: output.middle))
    }

    /// Floats alive at the peak, ControlNet's residuals among them.
    /// - Parameter positions: of the latent
    func memory(_ positions: Int, controlled: Bool) -> Int {
        let encoder = encoder.memory(positions), control = controlled ? encoder.kept : 0
        let decoder = upBlocks.enumerated().map { $0.element.memory(positions >> (2 * (upBlocks.count - 1 - $0.offset))) }.max() ?? 0
        return max(control + encoder.peak, encoder.kept + decoder)
    }

    /// - Parameter positions: of the latent
    func multiplyAdds(_ positions: Int, promptTokens: Int) -> Int {
        let levels = upBlocks.enumerated().reduce(0) {
            $0 + $1.element.multiplyAdds(positions >> (2 * (upBlocks.count - 1 - $1.offset)), promptTokens: promptTokens)
        }
        return encoder.multiplyAdds(positions, promptTokens: promptTokens) + levels + convOut.multiplyAdds(positions)
    }
}
