/// The way of one piece of a picture, a tile or the whole, through the network in one step (Eq. 3): its kernels, then z_t, F, C, U, z_0 and D.
struct OneStepSolution {
    let network: FideDiff

    private var views: ArraySlice<Orientation> { View.orientations(network.config.views) }

    /// M over a piece. Its map goes to T's pool, and where the ControlNet takes part, to F.
    /// - Parameters:
    ///   - image: `[3, height, width]` in 0...1, sides multiples of the alignment
    ///   - context: of the picture that the piece is a tile of; nil when it is the picture
    ///   - projecting: whether k_in is wanted
    ///   - pool: takes each band, with its first row in the piece's kernel map
    /// - Returns: k_in of each view one after the other, as `KernelFilter.kernelInput` gives it, at the places of the piece; nil when not
    ///   wanted or without a ControlNet
    func kernels(
        of image: Tensor, context: PictureContext? = nil, projecting: Bool, stages: StageRecorder? = nil, pool: (KernelEstimator.Band) -> Void
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

    /// M and T over a picture in one piece.
    /// - Returns: what T gives, k_in, and the kernels for the certificate
    func prediction(of image: Tensor, stages: StageRecorder? = nil) -> (value: Float, kernelInput: Tensor?, reblur: Reblur) {
        let side = network.kernelEstimator.stride, height = image.height / side, width = image.width / side
        var pool = KernelPool(taps: network.kernelEstimator.taps, height: height, width: width)
        var reblur = Reblur(network.config.kernelEstimator, height: image.height, width: image.width)
        let kernelInput = kernels(of: image, projecting: true, stages: stages) { band in
            pool.add(band.kernels, top: band.rows.lowerBound, left: 0, counted: (0..<height, 0..<width))
            reblur.add(band.kernels, top: band.rows.lowerBound, left: 0, counted: (0..<height, 0..<width))
        }
        return (network.timestepPredictor(pool), kernelInput, reblur)
    }

    /// Everything behind M and T: the mean of the views.
    /// - Parameters:
    ///   - image: as above
    ///   - kernelInput: what `kernels` gave
    ///   - stages: records the first view, and the mean as `output`
    ///   - finished: told the multiplications with addition of each stage as it ends; what it throws stops the work
    /// - Returns: `[3, height, width]` in 0...1
    /// - Throws: `DeblurError.numericalFault`
    func restored(
        _ image: Tensor, kernelInput: Tensor?, timestep: Int, stages: StageRecorder? = nil, finished: (Int) throws -> Void
    ) throws -> Tensor {
        var sum: Tensor?
        for (index, view) in views.enumerated() {
            let kernels = kernelInput.map { Ops.turned($0.channels(index, of: views.count), view) }
            let restored = try restoredView(
                Ops.turned(image, view), kernelInput: kernels, timestep: timestep, stages: index == 0 ? stages : nil, finished: finished)
            let upright = Ops.turned(restored, view.inverse)
            sum = sum.map { Ops.sum($0, upright) } ?? upright
        }
        guard let sum else { preconditionFailure("no view") }
        let output = Ops.clamped(views.count > 1 ? Ops.affine(sum, scale: 1 / Float(views.count), shift: 0) : sum, low: 0, high: 1)
        stages?.record("output", output)
        return output
    }

    /// One view. - Returns: `[3, height, width]`, about 0...1
    private func restoredView(
        _ image: consuming Tensor, kernelInput: consuming Tensor?, timestep: Int, stages: StageRecorder?, finished: (Int) throws -> Void
    ) throws -> Tensor {
        let work = Work(network, width: image.width, height: image.height)
        let latent = encoded(image) // z_t, [latent channels, latent height, latent width]
        stages?.record("latent", latent)
        try finished(work.autoencoder / 2)

        let control = controlled(latent, kernelInput: kernelInput, timestep: timestep, stages: stages)
        try finished(work.control)

        let noise = network.unet(latent, timestep: timestep, prompt: network.prompt, control: control)
        stages?.record("noise", noise)
        try check(noise, "noise")
        try finished(work.unet)

        let clean = network.schedule.solution(latent, noise: noise, timestep: timestep, prediction: network.config.prediction) // z_0
        stages?.record("latent_clean", clean)
        let output = try decoded(clean)
        try finished(work.autoencoder - work.autoencoder / 2)
        return output
    }

    private func encoded(_ image: consuming Tensor) -> Tensor {
        let enlarged = network.config.enlarge == 2 ? Ops.bicubicX2(image) : image
        return network.autoencoder.encode(Ops.affine(enlarged, scale: 2, shift: -1))
    }

    private func controlled(_ latent: Tensor, kernelInput: consuming Tensor?, timestep: Int, stages: StageRecorder?) -> ControlNet.Residuals? {
        guard let control = network.control, let kernelInput else { return nil }
        let z1 = control.net.enter(latent)
        let filtered = control.filter(z1, kernels: kernelInput)
        stages?.record("filter_in", z1)
        stages?.record("filter_out", filtered)
        let residuals = control.net(z1, filtered: filtered, timestep: timestep, prompt: network.prompt)
        if let stages {
            let tensors = residuals.tensors
            for (index, tensor) in tensors.enumerated() { stages.record(index == tensors.count - 1 ? "control_mid" : "control_\(index)", tensor) }
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

    /// Multiplications with addition of one piece, by stage.
    struct Work {
        /// Of M, and of that what it observes for a picture's context.
        let kernels, observation: Int
        /// Of one view.
        let autoencoder, control, unet: Int
        private let views: Int

        init(_ network: FideDiff, width: Int, height: Int) {
            let parts = Dictionary(uniqueKeysWithValues: network.multiplyAdds(width: width, height: height))
            kernels = parts["kernel_estimator", default: 0]
            observation = network.kernelEstimator.observation(width * height)
            views = network.config.views
            autoencoder = parts["vae", default: 0] / views
            control = (parts["filter", default: 0] + parts["controlnet", default: 0]) / views
            unet = parts["unet", default: 0] / views
        }

        /// Behind M, of all views.
        var restoration: Int { (autoencoder + control + unet) * views }
    }
}
