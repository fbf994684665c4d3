import Foundation

/// The whole network of a model folder: M, T, E, F, C, U, D, the prompt embedding c and the noise schedule. Immutable once loaded.
struct FideDiff: Sendable {
    let config: ModelConfig
    let kernelEstimator: KernelEstimator
    let timestepPredictor: TimestepPredictor
    let autoencoder: VariationalAutoencoder
    /// F and C; nil where the configuration leaves them out.
    let control: (filter: KernelFilter, net: ControlNet)?
    let unet: UNet
    /// c, the learned embedding in the place of a prompt's, `[cross-attention width, tokens]`.
    let prompt: Tensor
    let schedule = NoiseSchedule()

    /// Asks `files` for every tensor of the network; they remember what was missing.
    init(_ config: ModelConfig, _ files: ModelFolder.WeightFiles) {
        self.config = config
        let norm = config.normalization
        let own = WeightScope(files.fidediff)
        kernelEstimator = KernelEstimator(own("kernel_estimator"), config.kernelEstimator)
        timestepPredictor = TimestepPredictor(
            own("timestep_predictor"), taps: kernelEstimator.taps, scales: config.scales, config.timestepPredictor)
        autoencoder = VariationalAutoencoder(WeightScope(files.vae), config.vae)
        unet = UNet(WeightScope(files.unet), config: config.unet, norm: norm)
        if config.control {
            control = (KernelFilter(own("filter"), config), ControlNet(WeightScope(files.controlnet), config: config.unet, norm: norm))
        } else {
            control = nil
            files.fidediff.ignore(prefix: "filter.")
            files.controlnet.ignore(prefix: "")
        }
        prompt = Self.prompt(config, files)
    }

    /// c, `[cross-attention width, tokens]`
    static func prompt(_ config: ModelConfig, _ files: ModelFolder.WeightFiles) -> Tensor {
        let embedding = WeightScope(files.fidediff).tensor("prompt_embedding", shape: [config.promptTokens, config.unet.crossAttentionDim])
        return embedding.count == 0 ? embedding : Ops.transposed(embedding)
    }

    /// Empty ones, of M's map of a picture at each scale.
    /// - Parameters: width and height of the picture, multiples of the alignment
    func kernelPools(width: Int, height: Int) -> [KernelPool] {
        (0..<config.scales).map { scale in
            let side = kernelEstimator.stride << scale
            return KernelPool(taps: kernelEstimator.taps, height: height / side, width: width / side)
        }
    }

    /// Multiplications with addition, by part, for a picture of this size (before alignment), done in one piece, at all scales and in all
    /// views.
    func multiplyAdds(width: Int, height: Int) -> [(part: String, count: Int)] {
        let alignment = config.alignment
        let pixels = (width + alignment - 1) / alignment * alignment * ((height + alignment - 1) / alignment * alignment)
        var kernels = 0, autoencoder = 0, filter = 0, net = 0, u = 0
        for scale in 0..<config.scales {
            let pixels = pixels >> (2 * scale), one = viewMultiplyAdds(pixels: pixels, guessed: scale < config.scales - 1)
            kernels += kernelEstimator.multiplyAdds(pixels)
            autoencoder += one.autoencoder * config.views
            filter += one.filter * config.views
            net += one.controlnet * config.views
            u += one.unet * config.views
        }
        return [
            ("kernel_estimator", kernels), ("timestep_predictor", timestepPredictor.multiplyAdds), ("vae", autoencoder), ("filter", filter),
            ("controlnet", net), ("unet", u),
        ]
    }

    /// Of everything behind M and T, for one view at one scale.
    /// - Parameters:
    ///   - pixels: of the picture at that scale
    ///   - guessed: whether there is a smaller scale
    func viewMultiplyAdds(pixels: Int, guessed: Bool) -> (autoencoder: Int, filter: Int, controlnet: Int, unet: Int) {
        let enlarged = pixels * config.enlarge * config.enlarge
        let latent = enlarged / (config.vae.factor * config.vae.factor), vae = autoencoder.multiplyAdds(enlarged)
        return (
            vae.encode * (guessed ? 2 : 1) + vae.decode, control?.filter.multiplyAdds(latent) ?? 0,
            control?.net.multiplyAdds(latent, promptTokens: config.promptTokens, config: config.unet) ?? 0,
            unet.multiplyAdds(latent, promptTokens: config.promptTokens)
        )
    }
}
