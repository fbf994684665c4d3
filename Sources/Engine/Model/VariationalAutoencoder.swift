/// E and D, of the configured kind.
enum VariationalAutoencoder: Sendable {
    case kl(KLAutoencoder)
    case unshuffle(UnshuffleAutoencoder)

    init(_ scope: WeightScope, _ config: ModelConfig.VAE) {
        switch config {
        case .kl(let kl): self = .kl(KLAutoencoder(scope, kl))
        case .unshuffle(let unshuffle): self = .unshuffle(UnshuffleAutoencoder(scope, unshuffle))
        }
    }

    /// `[3, h, w]` in -1...1 to `[latent channels, h / factor, w / factor]`.
    func encode(_ x: Tensor) -> Tensor {
        switch self {
        case .kl(let kl): kl.encode(x)
        case .unshuffle(let unshuffle): unshuffle.encode(x)
        }
    }

    /// D: a latent to the picture, about -1...1.
    func decode(_ z: Tensor) -> Tensor {
        switch self {
        case .kl(let kl): kl.decode(z)
        case .unshuffle(let unshuffle): unshuffle.decode(z)
        }
    }

    /// Floats alive at the peak of either way, the picture among them.
    /// - Parameter pixels: of the picture that is encoded
    func memory(_ pixels: Int) -> Int {
        switch self {
        case .kl(let kl): kl.memory(pixels)
        case .unshuffle(let unshuffle): unshuffle.memory(pixels)
        }
    }

    /// - Parameter pixels: of the picture that is encoded
    func multiplyAdds(_ pixels: Int) -> (encode: Int, decode: Int) {
        switch self {
        case .kl(let kl): kl.multiplyAdds(pixels)
        case .unshuffle(let unshuffle): unshuffle.multiplyAdds(pixels)
        }
    }
}
