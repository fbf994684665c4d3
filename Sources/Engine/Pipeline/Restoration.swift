import Foundation

/// A photograph through the network: in one piece, or in tiles under one timestep.
///
/// Tiled, M's context is gathered first, then M and T see the whole picture, tile by tile, each position counted once; then every tile is
/// deblurred at the timestep that came out. What F needs of M's map is kept meanwhile, at half precision: 0.4 bytes a pixel with `default`.
struct Restoration {
    let network: FideDiff

    struct Result {
        let photograph: Photograph
        let predictedTimestep: Int
        let usedTimestep: Int
        /// The photograph was sharp, and nothing was done to it.
        let isUnchanged: Bool
        let reblur: Reblur
        let kernelSeconds: Double
        let diffusionSeconds: Double
    }

    /// The timestep that T reads from a photograph.
    /// - Throws: `DeblurError.numericalFault`
    func timestep(of photograph: Photograph) throws -> Int {
        var progress = WorkProgress(total: 1) { _ in }
        return try prediction(photograph, tiling(of: photograph), projecting: false, progress: &progress).timestep
    }

    /// A photograph whose timestep is below the configuration's `sharp_below` comes back as it is, unless the timestep was given.
    /// - Parameters:
    ///   - timestep: instead of T's; 0 ..< 1000
    ///   - onTimestep: told T's as soon as it is known
    ///   - onProgress: told 0...1 after every stage of every tile; what it throws stops the work
    func restore(
        _ photograph: Photograph, timestep override: Int?, onTimestep: (Int) -> Void, onProgress: @escaping (Double) throws -> Void
    ) throws -> Result {
        let clock = ContinuousClock()
        let start = clock.now
        let tiling = tiling(of: photograph)
        let work = OneStepSolution.Work(network, width: tiling.columns.size, height: tiling.rows.size)
        let tiles = tiling.tiles
        let perTile = (tiling.isWhole ? 0 : work.observation) + work.kernels + work.restoration
        var progress = WorkProgress(total: tiles.count * perTile, report: onProgress)

        var reblur = Reblur(network.config.kernelEstimator, height: photograph.height, width: photograph.width)
        var prediction = try prediction(photograph, tiling, projecting: true, progress: &progress) {
            reblur.add($0, top: $1, left: $2, counted: $3)
        }
        onTimestep(prediction.timestep)
        let used = override ?? prediction.timestep
        let isUnchanged = override == nil && used < network.config.sharpBelow
        let predicted = clock.now

        var result = photograph
        if isUnchanged {
            try progress.finishAll()
        } else {
            var strip = BlendStrip(tiling)
            for (index, tile) in tiles.enumerated() {
                let kernelInputs = exchange(&prediction.kernelInputs[index], with: []).map(\.tensor)
                let restored = try OneStepSolution(network: network).restored(piece(photograph, tile), kernelInputs: kernelInputs, timestep: used) {
                    try progress.finish($0)
                }
                strip.add(restored, tile) { rows, y in result.setPlanes(rows, x: 0, y: y) }
            }
        }
        return Result(
            photograph: result, predictedTimestep: prediction.timestep, usedTimestep: used, isUnchanged: isUnchanged,
            reblur: reblur, kernelSeconds: (predicted - start).seconds, diffusionSeconds: (clock.now - predicted).seconds)
    }

    /// What all tiles together show M, at each scale; nil for a picture of one tile, which is its own context.
    func contexts(_ photograph: Photograph, _ tiling: Tiling, scales: Int, onTile: () throws -> Void = {}) rethrows -> [PictureContext]? {
        guard !tiling.isWhole && network.config.kernelEstimator.inputs.contains(.autocorrelation) else { return nil }
        var contexts = [PictureContext](repeating: PictureContext(), count: scales)
        for tile in tiling.tiles {
            let rows = tiling.rows.counted(tile.row).moved(by: -tile.y), columns = tiling.columns.counted(tile.column).moved(by: -tile.x)
            for (scale, level) in Pyramid.levels(of: piece(photograph, tile), scales: scales).enumerated() {
                network.kernelEstimator.observe(
                    level, counted: (rows.divided(by: 1 << scale), columns.divided(by: 1 << scale)), into: &contexts[scale])
            }
            try onTile()
        }
        return contexts
    }

    /// k_in of a tile at one scale, until its turn comes.
    private enum KernelInput {
        case whole(Tensor)
        case kept(HalfTensor)

        var tensor: Tensor {
            switch self {
            case .whole(let tensor): tensor
            case .kept(let half): half.tensor
            }
        }
    }

    /// M and T over all tiles.
    /// - Parameters:
    ///   - projecting: also give k_in of every tile at each scale, where there is a ControlNet
    ///   - onKernels: takes the kernel map in parts; its parameters are those of `KernelPool.add`
    private func prediction(
        _ photograph: Photograph, _ tiling: Tiling, projecting: Bool, progress: inout WorkProgress,
        onKernels: (Tensor, Int, Int, (rows: Range<Int>, columns: Range<Int>)) -> Void = { _, _, _, _ in }
    ) throws -> (timestep: Int, kernelInputs: [[KernelInput]]) {
        let solution = OneStepSolution(network: network)
        let stride = network.kernelEstimator.stride
        let work = OneStepSolution.Work(network, width: tiling.columns.size, height: tiling.rows.size)
        let contexts = try contexts(photograph, tiling, scales: projecting ? network.config.scales : 1) { try progress.finish(work.observation) }
        var pool = KernelPool(taps: network.kernelEstimator.taps, height: tiling.rows.length / stride, width: tiling.columns.length / stride)
        var kernelInputs: [[KernelInput]] = []
        for tile in tiling.tiles {
            let counted = (
                rows: tiling.rows.counted(tile.row).divided(by: stride), columns: tiling.columns.counted(tile.column).divided(by: stride))
            let inputs = solution.kernelInputs(of: piece(photograph, tile), contexts: contexts, projecting: projecting) { band in
                let top = tile.y / stride + band.rows.lowerBound, left = tile.x / stride
                pool.add(band.kernels, top: top, left: left, counted: counted)
                onKernels(band.kernels, top, left, counted)
            }
            kernelInputs.append(inputs.map { tiling.isWhole ? .whole($0) : .kept(HalfTensor($0)) })
            try progress.finish(work.kernels)
        }
        let value = network.timestepPredictor(pool)
        guard value.isFinite else { throw DeblurError.numericalFault(stage: "timestep_value") }
        return (TimestepPredictor.timestep(ofValue: value), kernelInputs)
    }

    /// `[3, height, width]` in 0...1, mirrored beyond the photograph's right and bottom.
    func piece(_ photograph: Photograph, _ tile: Tiling.Tile) -> Tensor {
        Tensor(shape: [3, tile.height, tile.width], values: photograph.planes(x: tile.x, y: tile.y, width: tile.width, height: tile.height))
    }

    func tiling(of photograph: Photograph) -> Tiling {
        Tiling(of: network.config, pictureWidth: photograph.width, pictureHeight: photograph.height)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
