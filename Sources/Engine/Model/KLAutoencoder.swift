/// E and D at paper scale: diffusers' AutoencoderKL. The latent is the mean of its posterior, scaled.
struct KLAutoencoder: Sendable {
    /// The epsilon of all normalisations of the autoencoder.
    fileprivate static let epsilon: Float = 1e-6

    private let encoder: Encoder
    private let decoder: Decoder
    private let quantize, postQuantize: Convolution
    private let latentChannels: Int
    private let scalingFactor: Float

    init(_ scope: WeightScope, _ config: ModelConfig.VAE.KL) {
        latentChannels = config.latentChannels
        scalingFactor = config.scalingFactor
        encoder = Encoder(scope("encoder"), config)
        quantize = Convolution(scope("quant_conv"), latentChannels * 2, latentChannels * 2, side: 1)
        postQuantize = Convolution(scope("post_quant_conv"), latentChannels, latentChannels, side: 1)
        decoder = Decoder(scope("decoder"), config)
    }

    /// `[3, h, w]` in -1...1 to `[latent channels, h / factor, w / factor]`.
    func encode(_ x: Tensor) -> Tensor {
        let moments = quantize(encoder(x))  // [2 latent channels, ...]: means, then logarithms of variances
        let mean = Tensor(shape: [latentChannels] + moments.shape.dropFirst(), values: Array(moments.values.prefix(moments.count / 2)))
        return Ops.affine(mean, scale: scalingFactor, shift: 0)
    }

    /// D: a latent to the picture, about -1...1.
    func decode(_ z: Tensor) -> Tensor {
        decoder(postQuantize(Ops.affine(z, scale: 1 / scalingFactor, shift: 0)))
    }

    /// Floats alive at the peak of either way, the picture among them.
    /// - Parameter pixels: of the picture that is encoded
    func memory(_ pixels: Int) -> Int { 3 * pixels + max(encoder.memory(pixels), decoder.memory(pixels)) }

    /// - Parameter pixels: of the picture that is encoded
    func multiplyAdds(_ pixels: Int) -> (encode: Int, decode: Int) {
        let positions = pixels >> (2 * encoder.halvings)
        return (
            encoder.multiplyAdds(pixels) + quantize.multiplyAdds(positions),
            postQuantize.multiplyAdds(positions) + decoder.multiplyAdds(pixels)
        )
    }

    /// Resnets and a downsampling at each level, then the middle.
    private struct Encoder: Sendable {
        let convIn, convOut: Convolution
        let levels: [(resnets: [ResnetBlock], downsample: Downsample?)]
        let middle: Middle
        let normOut: Normalization

        var halvings: Int { levels.count - 1 }

        init(_ scope: WeightScope, _ config: ModelConfig.VAE.KL) {
            let widths = config.blockOutChannels, norm = Normalization.Kind.group(config.normNumGroups)
            convIn = Convolution(scope("conv_in"), 3, widths[0])
            levels = widths.indices.map { level in
                let block = scope("down_blocks.\(level)")
                let resnets = (0..<config.layersPerBlock).map {
                    ResnetBlock(
                        block("resnets.\($0)"), $0 == 0 ? widths[max(level - 1, 0)] : widths[level], widths[level], timeChannels: nil,
                        norm: norm,
                        epsilon: epsilon)
                }
                return (resnets, level == widths.count - 1 ? nil : Downsample(block("downsamplers.0"), widths[level], .behind))
            }
            let last = widths[widths.count - 1]
            middle = Middle(scope("mid_block"), last, norm)
            normOut = Normalization(scope("conv_norm_out"), last, norm, epsilon: epsilon)
            convOut = Convolution(scope("conv_out"), last, config.latentChannels * 2)
        }

        func callAsFunction(_ x: Tensor) -> Tensor {
            var h = convIn(x)
            for level in levels {
                for resnet in level.resnets { h = resnet(consume h, inPlace: true) }
                h = level.downsample?(h) ?? h
            }
            return convOut(normOut.rows(of: Channels(middle(h)), activation: .silu))
        }

        func memory(_ pixels: Int) -> Int {
            var input = convIn.outputs * pixels, peak = input + 3 * pixels
            for (index, level) in levels.enumerated() {
                let positions = pixels >> (2 * index)
                for resnet in level.resnets {
                    peak = max(peak, input + resnet.memory(positions))
                    input = resnet.outputs * positions
                }
                if let downsample = level.downsample {
                    peak = max(peak, input + downsample.memory(positions))
                    input /= 4
                }
            }
            return max(peak, input + middle.memory(pixels >> (2 * halvings)))
        }

        func multiplyAdds(_ pixels: Int) -> Int {
            let own = levels.enumerated().reduce(0) { sum, level in
                let positions = pixels >> (2 * level.offset)
                return sum + level.element.resnets.reduce(0) { $0 + $1.multiplyAdds(positions) }
                    + (level.element.downsample?.multiplyAdds(positions) ?? 0)
            }
            let bottom = pixels >> (2 * halvings)
            return convIn.multiplyAdds(pixels) + own + middle.multiplyAdds(bottom) + convOut.multiplyAdds(bottom)
        }
    }

    /// The middle, then one resnet more than the encoder and an upsampling at each level.
    private struct Decoder: Sendable {
        let convIn, convOut: Convolution
        let middle: Middle
        let levels: [(resnets: [ResnetBlock], upsample: Upsample?)]
        let normOut: Normalization

        init(_ scope: WeightScope, _ config: ModelConfig.VAE.KL) {
            let widths = Array(config.blockOutChannels.reversed()), norm = Normalization.Kind.group(config.normNumGroups)
            convIn = Convolution(scope("conv_in"), config.latentChannels, widths[0])
            middle = Middle(scope("mid_block"), widths[0], norm)
            levels = widths.indices.map { index in
                let block = scope("up_blocks.\(index)")
                let resnets = (0...config.layersPerBlock).map {
                    ResnetBlock(
                        block("resnets.\($0)"), $0 == 0 ? widths[max(index - 1, 0)] : widths[index], widths[index], timeChannels: nil,
                        norm: norm,
                        epsilon: epsilon)
                }
                return (resnets, index == widths.count - 1 ? nil : Upsample(block("upsamplers.0"), widths[index]))
            }
            let last = widths[widths.count - 1]
            normOut = Normalization(scope("conv_norm_out"), last, norm, epsilon: epsilon)
            convOut = Convolution(scope("conv_out"), last, 3)
        }

        func callAsFunction(_ z: Tensor) -> Tensor {
            var h = middle(convIn(z))
            for level in levels {
                for resnet in level.resnets { h = resnet(consume h, inPlace: true) }
                h = level.upsample?(h) ?? h
            }
            return convOut(normOut.rows(of: Channels(h), activation: .silu))
        }

        func memory(_ pixels: Int) -> Int {
            var positions = pixels >> (2 * (levels.count - 1))
            var input = convIn.outputs * positions, peak = input + middle.memory(positions)
            for level in levels {
                for resnet in level.resnets {
                    peak = max(peak, input + resnet.memory(positions))
                    input = resnet.outputs * positions
                }
                if let upsample = level.upsample {
                    peak = max(peak, input + upsample.memory(positions))
                    (input, positions) = (4 * input, 4 * positions)
                }
            }
            return max(peak, input + convOut.memoryWithRows(pixels))
        }

        func multiplyAdds(_ pixels: Int) -> Int {
            let bottom = pixels >> (2 * (levels.count - 1))
            let own = levels.enumerated().reduce(0) { sum, level in
                let positions = bottom << (2 * level.offset)
                return sum + level.element.resnets.reduce(0) { $0 + $1.multiplyAdds(positions) }
                    + (level.element.upsample?.multiplyAdds(positions) ?? 0)
            }
            return convIn.multiplyAdds(bottom) + middle.multiplyAdds(bottom) + own + convOut.multiplyAdds(pixels)
        }
    }

    /// Resnet, attention over all positions, resnet.
    private struct Middle: Sendable {
        let first, second: ResnetBlock
        let norm: Normalization
        let attention: Attention

        init(_ scope: WeightScope, _ channels: Int, _ kind: Normalization.Kind) {
            first = ResnetBlock(scope("resnets.0"), channels, channels, timeChannels: nil, norm: kind, epsilon: epsilon)
            norm = Normalization(scope("attentions.0.group_norm"), channels, kind, epsilon: epsilon)
            attention = Attention(autoencoder: scope("attentions.0"), channels)
            second = ResnetBlock(scope("resnets.1"), channels, channels, timeChannels: nil, norm: kind, epsilon: epsilon)
        }

        func callAsFunction(_ x: Tensor) -> Tensor {
            let h = first(x)
            return second(attention(norm(h), addedTo: h))
        }

        func memory(_ positions: Int) -> Int {
            let result = first.outputs * positions  // with its norm, query, key, value and what attention gives: six
            return max(first.memory(positions), 6 * result, result + second.memory(positions))
        }

        func multiplyAdds(_ positions: Int) -> Int {
            first.multiplyAdds(positions) + attention.multiplyAdds(positions, keys: nil) + second.multiplyAdds(positions)
        }
    }
}
