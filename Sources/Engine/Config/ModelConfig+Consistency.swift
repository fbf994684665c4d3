/// What the sizes of a configuration must have to do with each other for the network to be built.
extension ModelConfig {
    /// The inputs that M can be given together.
    private static let inputs: [[ModelConfig.KernelEstimator.Input]] = [
        [.pixels], [.autocorrelation], [.autocorrelation, .compressed], [.pixels, .autocorrelation],
        [.pixels, .autocorrelation, .compressed],
    ]

    /// Sides of a picture must be multiples of this, in pixels before enlargement: the latent must halve at each level of the UNet, and the
    /// input of M twice, at every scale.
    package var alignment: Int {
        let forUNet = vae.factor << (unet.levels - 1)
        let a = forUNet / Self.greatestCommonDivisor(forUNet, enlarge), b = kernelEstimator.cell
        return a / Self.greatestCommonDivisor(a, b) * b << (scales - 1)
    }

    /// Positions of the kernel map along one side of a latent position; at least 1.
    package var kernelsPerLatent: Int { max(vae.factor / (enlarge * kernelEstimator.stride), 1) }
    /// Latent positions along one side of a position of the kernel map; at least 1.
    package var latentsPerKernel: Int { max(enlarge * kernelEstimator.stride / vae.factor, 1) }

    /// What in the configuration contradicts itself or asks for what this engine does not compute.
    func contradictions() -> [(key: String, reason: String)] {
        var found: [(key: String, reason: String)] = []
        func require(_ condition: Bool, _ key: String, _ reason: @autoclosure () -> String) {
            if !condition { found.append((key, reason())) }
        }
        func positive(_ value: Int, _ key: String) {
            require(value > 0 && value <= 1 << 20, key, "\(value) is not between 1 and \(1 << 20)")
        }

        require(format == "fidediff-1", "format", "\"\(format)\" is not \"fidediff-1\", the only format known")
        require(enlarge == 1 || enlarge == 2, "enlarge", "\(enlarge) is neither 1 nor 2")
        require((0...NoiseSchedule.steps).contains(sharpBelow), "sharp_below", "\(sharpBelow) is not between 0 and \(NoiseSchedule.steps)")
        require(
            (0...NoiseSchedule.steps).contains(doubtfulBelow), "doubtful_below",
            "\(doubtfulBelow) is not between 0 and \(NoiseSchedule.steps)")
        for (key, pixels) in [("sharp_displacement", sharpDisplacement), ("still_displacement", stillDisplacement)] {
            require(pixels.isFinite && pixels >= 0, key, "\(pixels) is no number of pixels")
        }
        require(
            (0..<NoiseSchedule.steps).contains(leastTimestep), "least_timestep",
            "\(leastTimestep) is not between 0 and \(NoiseSchedule.steps - 1)")
        require((1...4).contains(scales), "scales", "\(scales) is not between 1 and 4")
        require(View.counts.contains(views), "views", "\(views) is none of \(View.counts)")
        positive(promptTokens, "prompt_tokens")
        unetContradictions(require, positive)
        vaeContradictions(require, positive)
        for (key, value) in [
            ("kernel_estimator.m", kernelEstimator.m), ("kernel_estimator.unshuffle", kernelEstimator.unshuffle),
            ("kernel_estimator.tap_spacing", kernelEstimator.tapSpacing), ("timestep_predictor.width", timestepPredictor.width),
            ("timestep_predictor.hidden", timestepPredictor.hidden), ("tile.max_pixels", tile.maxPixels), ("tile.size", tile.size),
        ] { require(value > 0, key, "\(value) is not positive") }
        require(
            kernelEstimator.channels.count == 3 && kernelEstimator.channels.allSatisfy { $0 > 0 }, "kernel_estimator.channels",
            "\(kernelEstimator.channels) are not three widths")
        require(
            Self.inputs.contains(kernelEstimator.inputs), "kernel_estimator.inputs",
            "\(kernelEstimator.inputs.map(\.rawValue)) is none of \(Self.inputs.map { $0.map(\.rawValue) })")
        // The rest divides by these sizes.
        guard found.isEmpty else { return found }

        let stride = enlarge * kernelEstimator.stride
        require(
            vae.factor % stride == 0 || stride % vae.factor == 0, "kernel_estimator.unshuffle",
            "a latent position spans \(vae.factor) pixels at enlarge \(enlarge), one of the kernel map \(stride): neither is a multiple of the other"
        )
        require(
            !kernelEstimator.inputs.contains(.autocorrelation) || kernelEstimator.cell % kernelEstimator.tapSpacing == 0,
            "kernel_estimator.tap_spacing",
            "\(kernelEstimator.tapSpacing) does not divide the \(kernelEstimator.cell) pixels of a cell of the autocorrelation")
        require(
            unet.inChannels == vae.latentChannels * (scales > 1 ? 2 : 1), "unet.in_channels",
            "\(unet.inChannels), but vae.latent_channels is \(vae.latentChannels) at scales \(scales)")
        require(
            unet.outChannels == vae.latentChannels, "unet.out_channels",
            "\(unet.outChannels), but vae.latent_channels is \(vae.latentChannels)")
        require(tile.size % alignment == 0, "tile.size", "\(tile.size) is no multiple of \(alignment), this network's alignment")
        require(
            tile.overlap >= 0 && tile.overlap % alignment == 0 && tile.overlap * 2 <= tile.size, "tile.overlap",
            "\(tile.overlap) is no multiple of \(alignment) from 0 to half of tile.size \(tile.size)")
        return found
    }

    private func unetContradictions(_ require: (Bool, String, @autoclosure () -> String) -> Void, _ positive: (Int, String) -> Void) {
        positive(unet.inChannels, "unet.in_channels")
        positive(unet.outChannels, "unet.out_channels")
        positive(unet.layersPerBlock, "unet.layers_per_block")
        positive(unet.crossAttentionDim, "unet.cross_attention_dim")
        positive(unet.normNumGroups, "unet.norm_num_groups")
        let levels = unet.levels
        require((1...8).contains(levels), "unet.block_out_channels", "\(levels) levels are not between 1 and 8")
        for (key, count) in [
            ("unet.down_block_types", unet.downBlockTypes.count), ("unet.up_block_types", unet.upBlockTypes.count),
            ("unet.only_cross_attention", unet.onlyCrossAttention.count), ("unet.attention_head_dim", unet.attentionHeadDim.count),
        ] { require(count == levels, key, "\(count) entries for the \(levels) levels of block_out_channels") }
        for (key, types, known) in [
            ("unet.down_block_types", unet.downBlockTypes, ["DownBlock2D", "CrossAttnDownBlock2D"]),
            ("unet.up_block_types", unet.upBlockTypes, ["UpBlock2D", "CrossAttnUpBlock2D"]),
            ("unet.mid_block_type", [unet.midBlockType], ["UNetMidBlock2D", "UNetMidBlock2DCrossAttn"]),
        ] {
            for type in types { require(known.contains(type), key, "\"\(type)\" is none of \(known.joined(separator: ", "))") }
        }
        for (level, channels) in unet.blockOutChannels.enumerated() {
            positive(channels, "unet.block_out_channels")
            if norm == .group && unet.normNumGroups > 0 {
                require(
                    channels % unet.normNumGroups == 0, "unet.norm_num_groups",
                    "\(unet.normNumGroups) groups do not divide \(channels) channels")
            }
            if level < unet.attentionHeadDim.count {
                let heads = unet.attentionHeadDim[level]
                require(heads > 0 && channels % heads == 0, "unet.attention_head_dim", "\(heads) heads do not divide \(channels) channels")
            }
        }
        require(
            (unet.blockOutChannels.first ?? 0) % 2 == 0, "unet.block_out_channels",
            "the first width must be even: its time embedding is half sines, half cosines")
    }

    private func vaeContradictions(_ require: (Bool, String, @autoclosure () -> String) -> Void, _ positive: (Int, String) -> Void) {
        positive(vae.latentChannels, "vae.latent_channels")
        switch vae {
        case .unshuffle(let unshuffle):
            require((1...64).contains(unshuffle.factor), "vae.factor", "\(unshuffle.factor) is not between 1 and 64")
        case .kl(let kl):
            positive(kl.layersPerBlock, "vae.layers_per_block")
            positive(kl.normNumGroups, "vae.norm_num_groups")
            require(
                (1...6).contains(kl.blockOutChannels.count), "vae.block_out_channels",
                "\(kl.blockOutChannels.count) levels are not between 1 and 6")
            require(kl.scalingFactor.isFinite && kl.scalingFactor > 0, "vae.scaling_factor", "\(kl.scalingFactor) is not positive")
            for channels in kl.blockOutChannels {
                positive(channels, "vae.block_out_channels")
                if kl.normNumGroups > 0 {
                    require(
                        channels % kl.normNumGroups == 0, "vae.norm_num_groups",
                        "\(kl.normNumGroups) groups do not divide \(channels) channels")
                }
            }
        }
    }

    static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }
}
