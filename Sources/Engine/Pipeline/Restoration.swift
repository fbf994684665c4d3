import Foundation

/// A photograph through the network: in one piece, or in tiles under one timestep.
///
/// Tiled, M's context is gathered first, then M and T see the whole picture, tile by tile, each position counted once; then every tile is
/// deblurred at the timestep that came out. What F needs of M's map is kept meanwhile, at half precision: 0.4 bytes a pixel with `default`.
struct Restoration {
    let network: FideDiff

    struct Result {
        let photograph: Photograph
        /// T's; of a photograph that U finds sharp, the highest at which one is.
        let predictedTimestep: Int
        let usedTimestep: Int
        /// The photograph was sharp, and nothing was done to it.
        let isUnchanged: Bool
        let reblur: Reblur
        let kernelSeconds: Double
        let diffusionSeconds: Double
    }

    /// The timestep of a photograph, as `restore` predicts it: by M and T alone where they leave no doubt, else by as many tiles as it takes.
    /// - Throws: `DeblurError.numericalFault`
    func timestep(of photograph: Photograph) throws -> Int {
        var progress = WorkProgress(total: 1) { _ in }
        let tiling = tiling(of: photograph)
        let timestep = try prediction(photograph, tiling, projecting: false, progress: &progress).timestep
        guard isDoubtful(timestep) else { return timestep }
        var inputs = try prediction(photograph, tiling, projecting: true, progress: &progress).kernelInputs, isStill = true
        try restoreTiles(of: photograph, tiling, &inputs, timestep: timestep, progress: &progress) { _, piece, restored in
            isStill = self.isStill(piece, restored)
            return isStill
        }
        return isStill ? highestSharp : timestep
    }

    /// Whether T may be mistaken about a sharp photograph, so that it takes U to tell.
    private func isDoubtful(_ timestep: Int) -> Bool {
        timestep >= network.config.sharpBelow && timestep < network.config.doubtfulBelow
    }

    /// Of a photograph that only U finds sharp: no less than of one that T finds sharp, too.
    private var highestSharp: Int { max(network.config.sharpBelow - 1, 0) }

    /// Whether U left a tile where it was.
    private func isStill(_ piece: Tensor, _ restored: Tensor) -> Bool {
        Displacement.greatest(from: piece, to: restored) < network.config.stillDisplacement
    }

    /// A photograph whose timestep is below the configuration's `sharp_below`, or doubtful and then hardly moved by U, comes back as it is, unless
    /// the timestep was given.
    /// - Parameters:
    ///   - timestep: instead of T's, and instead of U's judgement; 0 ..< 1000
    ///   - onTimestep: told the predicted one as soon as it is known, once
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
        let used = override ?? prediction.timestep, inDoubt = override == nil && isDoubtful(used)
        if !inDoubt { onTimestep(prediction.timestep) }
        var isUnchanged = override == nil && used < network.config.sharpBelow
        let predicted = clock.now

        var result = photograph
        if isUnchanged {
            try progress.finishAll()
        } else {
            var strip = BlendStrip(tiling)
            isUnchanged = inDoubt
            try restoreTiles(of: photograph, tiling, &prediction.kernelInputs, timestep: used, progress: &progress) { tile, piece, restored in
                isUnchanged = isUnchanged && isStill(piece, restored)
                strip.add(restored, tile) { rows, y in result.setPlanes(rows, x: 0, y: y) }
                return true
            }
        }
        if inDoubt {
            if isUnchanged { (result, prediction.timestep) = (photograph, highestSharp) }
            onTimestep(prediction.timestep)
        }
        return Result(
            photograph: result, predictedTimestep: prediction.timestep, usedTimestep: isUnchanged ? prediction.timestep : used, isUnchanged: isUnchanged,
            reblur: reblur, kernelSeconds: (predicted - start).seconds, diffusionSeconds: (clock.now - predicted).seconds)
    }

    /// U and what belongs to it, tile by tile.
    /// - Parameters:
    ///   - kernelInputs: as `prediction` gave them; each is let go after its tile
    ///   - visit: takes a tile, its piece of the photograph, and what that became; false ends the work
    private func restoreTiles(
        of photograph: Photograph, _ tiling: Tiling, _ kernelInputs: inout [[KernelInput]], timestep: Int, progress: inout WorkProgress,
        visit: (Tiling.Tile, Tensor, Tensor) -> Bool
    ) throws {
        for (index, tile) in tiling.tiles.enumerated() {
            let inputs = exchange(&kernelInputs[index], with: []).map(\.tensor), piece = piece(photograph, tile)
            let restored = try OneStepSolution(network: network).restored(piece, kernelInputs: inputs, timestep: timestep) { try progress.finish($0) }
            guard visit(tile, piece, restored) else { return }
        }
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
    ///   - onKernels: takes the kernel map at the photograph's own size in parts; its parameters are those of `KernelPool.add`
    private func prediction(
        _ photograph: Photograph, _ tiling: Tiling, projecting: Bool, progress: inout WorkProgress,
        onKernels: (Tensor, Int, Int, (rows: Range<Int>, columns: Range<Int>)) -> Void = { _, _, _, _ in }
    ) throws -> (timestep: Int, kernelInputs: [[KernelInput]]) {
        let solution = OneStepSolution(network: network)
        let stride = network.kernelEstimator.stride
        let work = OneStepSolution.Work(network, width: tiling.columns.size, height: tiling.rows.size)
        let scales = network.config.scales
        let contexts = try contexts(photograph, tiling, scales: scales) { try progress.finish(work.observation) }
        var pools = network.kernelPools(width: tiling.columns.length, height: tiling.rows.length)
        var kernelInputs: [[KernelInput]] = []
        for tile in tiling.tiles {
            let rows = tiling.rows.counted(tile.row), columns = tiling.columns.counted(tile.column)
            let inputs = solution.kernelInputs(of: piece(photograph, tile), scales: scales, contexts: contexts, projecting: projecting) { scale, band in
                let side = stride << scale, top = tile.y / side + band.rows.lowerBound, left = tile.x / side
                let counted = (rows: rows.divided(by: side), columns: columns.divided(by: side))
                pools[scale].add(band.kernels, top: top, left: left, counted: counted)
                if scale == 0 { onKernels(band.kernels, top, left, counted) }
            }
            kernelInputs.append(inputs.map { tiling.isWhole ? .whole($0) : .kept(HalfTensor($0)) })
            try progress.finish(work.kernels)
        }
        let value = network.timestepPredictor(pools)
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
