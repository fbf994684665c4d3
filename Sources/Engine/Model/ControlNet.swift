/// C (section 4.2): the UNet's encoder with weights of its own, whose every output goes through a 1x1 convolution
/// (`controlnet_down_blocks`, `controlnet_mid_block`) and is added to the UNet's.
struct ControlNet: Sendable {
    private let encoder: UNetEncoder
    private let downConvolutions: [Convolution]
    private let midConvolution: Convolution

    /// What is added to the UNet: one for each skip connection in its order, and one for the middle. The last layer of each waits until it
    /// is added.
    struct Residuals {
        fileprivate var parts: [(convolution: Convolution, output: Tensor)]

        /// Adds the first one that is left, in place where nothing else holds x, and forgets it.
        mutating func addFirst(to x: consuming Tensor) -> Tensor {
            let part = parts.removeFirst()
            return part.convolution(part.output, addedTo: consume x, inPlace: true)
        }

        /// All of them as tensors, the middle last.
        var tensors: [Tensor] { parts.map { $0.convolution($0.output) } }
    }

    init(_ scope: WeightScope, config: ModelConfig.UNet, norm: Normalization.Kind) {
        encoder = UNetEncoder(scope, config: config, norm: norm)
        let widths = config.skipChannels
        downConvolutions = widths.enumerated().map {
            Convolution(scope("controlnet_down_blocks.\($0.offset)"), $0.element, $0.element, side: 1)
        }
        let last = config.blockOutChannels[config.levels - 1]
        midConvolution = Convolution(scope("controlnet_mid_block"), last, last, side: 1)
    }

    /// z1 of the latent, which F needs as well: `[first width, height, width]`.
    func enter(_ latent: Tensor) -> Tensor { encoder.enter(latent) }

    /// - Parameters:
    ///   - z1: what `enter` gave
    ///   - filtered: F
    func callAsFunction(_ z1: Tensor, filtered: consuming Tensor, timestep: Int, prompt: Tensor) -> Residuals {
        let output = encoder(Ops.sum(filtered, z1), time: encoder.time(timestep), prompt: prompt)
        return Residuals(parts: zip(downConvolutions, output.skips).map { ($0, $1) } + [(midConvolution, output.middle)])
    }

    /// Floats alive at the peak, what becomes of the residuals among them.
    /// - Parameter positions: of the latent
    func memory(_ positions: Int) -> Int { encoder.memory(positions).peak }

    /// - Parameter positions: of the latent
    func multiplyAdds(_ positions: Int, promptTokens: Int, config: ModelConfig.UNet) -> Int {
        let skips = zip(downConvolutions, config.skipLevels).reduce(0) { $0 + $1.0.multiplyAdds(positions >> (2 * $1.1)) }
        return encoder.multiplyAdds(positions, promptTokens: promptTokens) + skips
            + midConvolution.multiplyAdds(positions >> (2 * (config.levels - 1)))
    }
}

extension ModelConfig.UNet {
    /// Width of every skip connection: after conv_in, after every layer, after every downsampling.
    var skipChannels: [Int] {
        [blockOutChannels[0]]
            + blockOutChannels.enumerated().flatMap { level, channels in
                [Int](repeating: channels, count: layersPerBlock + (level < levels - 1 ? 1 : 0))
            }
    }

    /// How often every skip connection has been halved.
    var skipLevels: [Int] {
        [0] + (0..<levels).flatMap { level in [Int](repeating: level, count: layersPerBlock) + (level < levels - 1 ? [level + 1] : []) }
    }
}
