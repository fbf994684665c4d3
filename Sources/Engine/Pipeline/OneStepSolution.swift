/// The way of one piece of a picture, a tile or the whole, through the network in one step (Eq. 3): its kernels, then z_t, F, C, U, z_0 and
/// D.
struct OneStepSolution {
    let network: FideDiff

    private var scales: Int { network.config.scales }

    private var views: ArraySlice<Orientation> { View.orientations(network.config.views) }

    /// M over a piece at several scales.
    /// - Parameters:
    ///   - scales: from the piece's own size on
    ///   - contexts: of the picture that the piece is a tile of, at each scale; nil when it is the picture
    ///   - projecting: whether k_in is wanted
    ///   - pool: takes each scale's bands
    /// - Returns: k_in at each scale, the piece's own first; empty when not wanted or without a ControlNet
    func kernelInputs(
        of image: Tensor, scales: Int, contexts: [PictureContext]? = nil, projecting: Bool, stages: StageRecorder? = nil,
        pool: (_ scale: Int, KernelEstimator.Band) -> Void
    ) -> [Tensor] {
        Pyramid.levels(of: image, scales: scales).enumerated().compactMap { scale, level in
            kernels(of: level, context: contexts?[scale], projecting: projecting, stages: scale == 0 ? stages : nil) { pool(scale, $0) }
        }
    }

    /// M over a piece at one scale. Its map goes to T's pool, and where the ControlNet takes part, to F.
    /// - Parameters:
    ///   - image: `[3, height, width]` in 0...1, sides multiples of the alignment
    ///   - context: of the picture that the piece is a tile of; nil when it is the picture
    ///   - projecting: whether k_in is wanted
    ///   - pool: takes each band, with its first row in the piece's kernel map
    /// - Returns: k_in of each view one after the other, as `KernelFilter.kernelInput` gives it, at the places of the piece; nil when not
    ///   wanted or without a ControlNet
    func kernels(
        of image: Tensor, context: PictureContext?, projecting: Bool, stages: StageRecorder? = nil, pool: (KernelEstimator.Band) -> Void
    ) -> Tensor? {
        let filter = projecting ? network.control?.filter : nil
        var inputs: [Tensor] = [], recorded: [Tensor] = []
        network.kernelEstimator(image, context: context, rowMultiple: network.config.kernelsPerLatent) { band in
            filter.map { filter in Channels(views.map { filter.kernelInput(Ops.turnedTaps(band.kernels, $0)) }).tensor }
        } visit: { band, input in
            pool(band)
            if let input { inputs.append(input) }
            if stages != nil { recorded.append(band.kernels) }
        }
        stages?.record("kernels", Ops.stackedRows(recorded))
        return filter == nil ? nil : Ops.stackedRows(inputs)
    }

    /// Everything behind M and T, from the smallest scale on.
    /// - Parameters:
    ///   - image: as above
    ///   - kernelInputs: what `kernelInputs` gave
    ///   - stages: records the first view, the mean as `output`, and that of the next smaller scale as `coarse`
    ///   - finished: told the multiplications with addition of each stage as it ends; what it throws stops the work
    /// - Returns: `[3, height, width]` in 0...1
    /// - Throws: `DeblurError.numericalFault`
    func restored(
        _ image: Tensor, kernelInputs: [Tensor], timestep: Int, stages: StageRecorder? = nil, finished: (Int) throws -> Void
    ) throws -> Tensor {
        var restored: Tensor?
        for (scale, level) in Pyramid.levels(of: image, scales: scales).enumerated().reversed() {
            restored = try mean(
                level, coarse: exchange(&restored, with: nil), kernelInput: kernelInputs.isEmpty ? nil : kernelInputs[scale],
                timestep: timestep,
                stages: scale == 0 ? stages : nil, finished: finished)
            if scale == 1, let restored { stages?.record("coarse", restored) }
        }
        guard let restored else { preconditionFailure("no scale") }
        let output = Ops.clamped(restored, low: 0, high: 1)
        stages?.record("output", output)
        return output
    }

    /// The mean of the views at one scale.
    /// - Parameter coarse: of the next smaller scale
    private func mean(
        _ image: Tensor, coarse: consuming Tensor?, kernelInput: Tensor?, timestep: Int, stages: StageRecorder?,
        finished: (Int) throws -> Void
    ) throws -> Tensor {
        let guess = coarse.map { Pyramid.guess(image, $0) }
        var sum: Tensor?
        for (index, view) in views.enumerated() {
            let upright = try Ops.turned(
                restoredView(
                    Ops.turned(image, view), guess: guess.map { Ops.turned($0, view) },
                    kernelInput: kernelInput.map { Ops.turned($0.channels(index, of: views.count), view) }, timestep: timestep,
                    stages: index == 0 ? stages : nil, finished: finished),
                view.inverse)
            sum = sum.map { Ops.sum($0, upright) } ?? upright
        }
        guard let sum else { preconditionFailure("no view") }
        return views.count > 1 ? Ops.affine(sum, scale: 1 / Float(views.count), shift: 0) : sum
    }

    /// One view at one scale. - Returns: `[3, height, width]`, about 0...1
    private func restoredView(
        _ image: consuming Tensor, guess: consuming Tensor?, kernelInput: consuming Tensor?, timestep: Int, stages: StageRecorder?,
        finished: (Int) throws -> Void
    ) throws -> Tensor {
        let work = network.viewMultiplyAdds(pixels: image.positions, guessed: guess != nil)
        let latent = encoded(image)  // z_t, [latent channels, latent height, latent width]
        stages?.record("latent", latent)
        let seen = scales > 1 ? withCoarse(latent, guess.map { encoded($0) }) : latent
        try finished(work.autoencoder / 2)

        let control = controlled(seen, kernelInput: kernelInput, timestep: timestep, stages: stages)
        try finished(work.filter + work.controlnet)

        let noise = network.unet(seen, timestep: timestep, prompt: network.prompt, control: control)
        stages?.record("noise", noise)
        try check(noise, "noise")
        try finished(work.unet)

        let clean = network.schedule.solution(latent, noise: noise, timestep: timestep, prediction: network.config.prediction)  // z_0
        stages?.record("latent_clean", clean)
        let output = try decoded(clean)
        try finished(work.autoencoder - work.autoencoder / 2)
        return output
    }

    /// z_t and what the smaller scale changes of it, `[2 latent channels, ...]`; nothing at the smallest.
    private func withCoarse(_ latent: Tensor, _ guess: consuming Tensor?) -> Tensor {
        let change = guess.map { Ops.mix($0, times: 1, latent, times: -1) } ?? Ops.affine(latent, scale: 0, shift: 0)
        return Channels(latent, change).tensor
    }

    private func encoded(_ image: consuming Tensor) -> Tensor {
        let enlarged = network.config.enlarge == 2 ? Ops.bicubicX2(image) : image
        return network.autoencoder.encode(Ops.affine(enlarged, scale: 2, shift: -1))
    }

    private func controlled(_ latent: Tensor, kernelInput: consuming Tensor?, timestep: Int, stages: StageRecorder?) -> ControlNet
        .Residuals?
    {
        guard let control = network.control, let kernelInput else { return nil }
        let z1 = control.net.enter(latent)
        let filtered = control.filter(z1, kernels: kernelInput)
        stages?.record("filter_in", z1)
        stages?.record("filter_out", filtered)
        let residuals = control.net(z1, filtered: filtered, timestep: timestep, prompt: network.prompt)
        if let stages {
            let tensors = residuals.tensors
            for (index, tensor) in tensors.enumerated() {
                stages.record(index == tensors.count - 1 ? "control_mid" : "control_\(index)", tensor)
            }
        }
        return residuals
    }

    private func decoded(_ clean: consuming Tensor) throws -> Tensor {
        var y = network.autoencoder.decode(clean)
        try check(y, "output")
        if network.config.enlarge == 2 { y = Ops.meanPool(y, by: 2) }
        return Ops.affine(y, scale: 0.5, shift: 0.5)
    }

    private func check(_ x: Tensor, _ stage: String) throws {
        if !Ops.allFinite(x) { throw DeblurError.numericalFault(stage: stage) }
    }

    /// Multiplications with addition of one piece, at all scales and in all views.
    struct Work {
        /// Multiply-adds of M, of what M observes for a picture's context, and of everything behind M and T.
        let kernels, observation, restoration: Int

        init(_ network: FideDiff, width: Int, height: Int) {
            let parts = Dictionary(uniqueKeysWithValues: network.multiplyAdds(width: width, height: height))
            kernels = parts["kernel_estimator", default: 0]
            observation = (0..<network.config.scales).reduce(0) { $0 + network.kernelEstimator.observation(width * height >> (2 * $1)) }
            restoration = ["vae", "filter", "controlnet", "unet"].reduce(0) { $0 + parts[$1, default: 0] }
        }
    }
}
