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
    /// c, `[cross-attention width, tokens]`
    let prompt: Tensor
    let schedule = NoiseSchedule()

    /// Asks `files` for every tensor of the network; they remember what was missing.
    init(_ config: ModelConfig, _ files: ModelFolder.WeightFiles) {
        self.config = config
        let norm = config.normalization
        let own = WeightScope(files.fidediff)
        kernelEstimator = KernelEstimator(own("kernel_estimator"), config.kernelEstimator)
        timestepPredictor = TimestepPredictor(own("timestep_predictor"), taps: kernelEstimator.taps, config.timestepPredictor)
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

    /// Multiplications with addition, by part, for a picture of this size (before alignment), done in one piece and all views.
    func multiplyAdds(width: Int, height: Int) -> [(part: String, count: Int)] {
        let alignment = config.alignment
        let pixels = (width + alignment - 1) / alignment * alignment * ((height + alignment - 1) / alignment * alignment)
        let enlarged = pixels * config.enlarge * config.enlarge
        let latent = enlarged / (config.vae.factor * config.vae.factor), vae = autoencoder.multiplyAdds(enlarged)
        return [
            ("kernel_estimator", kernelEstimator.multiplyAdds(pixels)),
            ("timestep_predictor", timestepPredictor.multiplyAdds),
            ("vae", (vae.encode + vae.decode) * config.views),
            ("filter", (control?.filter.multiplyAdds(latent) ?? 0) * config.views),
            ("controlnet", (control?.net.multiplyAdds(latent, promptTokens: config.promptTokens, config: config.unet) ?? 0) * config.views),
            ("unet", unet.multiplyAdds(latent, promptTokens: config.promptTokens) * config.views),
        ]
    }
}
