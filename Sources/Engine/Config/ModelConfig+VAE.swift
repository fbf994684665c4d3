/// The autoencoder's part of a configuration, as diffusers names it.
extension ModelConfig {
    /// The autoencoder between picture and latent.
    package enum VAE: Codable, Sendable, Equatable {
        /// The autoencoder of Stable Diffusion, diffusers' AutoencoderKL.
        case kl(KL)
        /// Pixel-unshuffle and one convolution each way.
        case unshuffle(Unshuffle)

        package struct KL: Codable, Sendable, Equatable {
            package var kind = "kl"
            package var blockOutChannels: [Int]
            package var layersPerBlock, latentChannels, normNumGroups: Int
            package var scalingFactor: Float
        }

        package struct Unshuffle: Codable, Sendable, Equatable {
            package var kind = "unshuffle"
            package var factor, latentChannels: Int
        }

        private enum Key: String, CodingKey { case kind }

        package init(from decoder: any Decoder) throws {
            let kinds = try decoder.container(keyedBy: Key.self)
            switch try kinds.decode(String.self, forKey: .kind) {
            case "kl": self = .kl(try KL(from: decoder))
            case "unshuffle": self = .unshuffle(try Unshuffle(from: decoder))
            case let other:
                throw DecodingError.dataCorruptedError(
                    forKey: .kind, in: kinds, debugDescription: "\"\(other)\" is neither \"kl\" nor \"unshuffle\"")
            }
        }

        package func encode(to encoder: any Encoder) throws {
            switch self {
            case .kl(let kl): try kl.encode(to: encoder)
            case .unshuffle(let unshuffle): try unshuffle.encode(to: encoder)
            }
        }

        package var latentChannels: Int {
            switch self {
            case .kl(let kl): kl.latentChannels
            case .unshuffle(let unshuffle): unshuffle.latentChannels
            }
        }

        /// Pixels of the (enlarged) picture along one side of a latent position.
        package var factor: Int {
            switch self {
            case .kl(let kl): 1 << (kl.blockOutChannels.count - 1)
            case .unshuffle(let unshuffle): unshuffle.factor
            }
        }
    }
}
