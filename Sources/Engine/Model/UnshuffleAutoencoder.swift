/// E and D of small models: squares of pixels become channels, and one convolution each way. Loses nothing by itself.
struct UnshuffleAutoencoder: Sendable {
    private let factor: Int
    private let encoder, decoder: Convolution

    init(_ scope: WeightScope, _ config: ModelConfig.VAE.Unshuffle) {
        factor = config.factor
        let values = 3 * factor * factor
        encoder = Convolution(scope("encoder.conv"), values, config.latentChannels)
        decoder = Convolution(scope("decoder.conv"), config.latentChannels, values)
    }

    /// `[3, h, w]` in -1...1 to `[latent channels, h / factor, w / factor]`.
    func encode(_ x: Tensor) -> Tensor { encoder(Ops.pixelUnshuffle(x, by: factor)) }

    /// D: a latent to the picture, about -1...1.
    func decode(_ z: Tensor) -> Tensor { Ops.pixelShuffle(decoder(z), by: factor) }

    /// Floats alive at the peak of either way, the picture among them.
    func memory(_ pixels: Int) -> Int {
        let positions = pixels / (factor * factor)
        return 3 * pixels + 3 * pixels + max(encoder.memory(positions), decoder.memory(positions))
    }

    /// - Parameter pixels: of the picture that is encoded
    func multiplyAdds(_ pixels: Int) -> (encode: Int, decode: Int) {
        let positions = pixels / (factor * factor)
        return (encoder.multiplyAdds(positions), decoder.multiplyAdds(positions))
    }
}
