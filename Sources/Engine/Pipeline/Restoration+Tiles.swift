/// The two halves of the way from M to D, each over all tiles: M and T, then U and what belongs to it.
extension Restoration {
    /// What M and T say of a picture.
    struct Prediction {
        /// What T's sigmoid gives, 0...1.
        let value: Float
        /// The timestep that this value stands for, 0 ..< 1000.
        var timestep: Int { TimestepPredictor.timestep(ofValue: value) }
        /// k_in of each tile at each scale, the tile's own size first; empty without a ControlNet.
        fileprivate(set) var kernelInputs: [[KernelInput]]
    }

    /// k_in of a tile at one scale, until its turn comes.
    enum KernelInput {
        /// k_in of a picture in one piece.
        case whole(Tensor)
        /// k_in of a tile, kept at half precision until the tile is restored.
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
    ///   - stages: records `kernels` and `timestep_value`; of a picture in one piece only
    ///   - onKernels: takes the kernel map at the picture's own size in parts; its parameters are those of `KernelPool.add`
    /// - Throws: `DeblurError.numericalFault`, and what `progress` throws
    func predict(
        _ picture: some PieceSource, _ tiling: Tiling, stages: StageRecorder? = nil, progress: inout WorkProgress,
        onKernels: (Tensor, Int, Int, (rows: Range<Int>, columns: Range<Int>)) -> Void = { _, _, _, _ in }
    ) throws -> Prediction {
        let solution = OneStepSolution(network: network)
        let stride = network.kernelEstimator.stride
        let work = OneStepSolution.Work(network, width: tiling.columns.size, height: tiling.rows.size)
        let scales = network.config.scales
        let contexts = try contexts(picture, tiling, scales: scales) { try progress.finish(work.observation) }
        var pools = network.kernelPools(width: tiling.columns.length, height: tiling.rows.length)
        var kernelInputs: [[KernelInput]] = []
        for tile in tiling.tiles {
            let rows = tiling.rows.counted(tile.row), columns = tiling.columns.counted(tile.column)
            let inputs = solution.kernelInputs(
                of: picture.piece(tile), scales: scales, contexts: contexts, projecting: true, stages: stages
            ) { scale, band in
                let side = stride << scale, top = tile.y / side + band.rows.lowerBound, left = tile.x / side
                let counted = (rows: rows.divided(by: side), columns: columns.divided(by: side))
                pools[scale].add(band.kernels, top: top, left: left, counted: counted)
                if scale == 0 { onKernels(band.kernels, top, left, counted) }
            }
            kernelInputs.append(inputs.map { tiling.isWhole ? .whole($0) : .kept(HalfTensor($0)) })
            try progress.finish(work.kernels)
        }
        let value = network.timestepPredictor(pools)
        stages?.record("timestep_value", Tensor(shape: [1], values: [value]))
        guard value.isFinite else { throw DeblurError.numericalFault(stage: "timestep_value") }
        return Prediction(value: value, kernelInputs: kernelInputs)
    }

    /// U and what belongs to it, tile by tile.
    /// - Parameters:
    ///   - prediction: with k_in, of which each tile's is let go after its turn
    ///   - stages: as of `OneStepSolution.restored`; of a picture in one piece only
    ///   - visit: takes a tile, its piece of the picture, and what that became; false ends the work
    /// - Throws: `DeblurError.numericalFault`, and what `progress` throws
    func restoreTiles(
        of picture: some PieceSource, _ tiling: Tiling, _ prediction: inout Prediction, timestep: Int, stages: StageRecorder? = nil,
        progress: inout WorkProgress, visit: (Tiling.Tile, Tensor, Tensor) -> Bool
    ) throws {
        let solution = OneStepSolution(network: network)
        for (index, tile) in tiling.tiles.enumerated() {
            let inputs = exchange(&prediction.kernelInputs[index], with: []).map(\.tensor), piece = picture.piece(tile)
            let restored = try solution.restored(piece, kernelInputs: inputs, timestep: timestep, stages: stages) {
                try progress.finish($0)
            }
            guard visit(tile, piece, restored) else { return }
        }
    }

    /// What all tiles together show M, at each scale; nil for a picture of one tile, which is its own context.
    func contexts(_ picture: some PieceSource, _ tiling: Tiling, scales: Int, onTile: () throws -> Void = {}) rethrows -> [PictureContext]?
    {
        guard !tiling.isWhole && network.config.kernelEstimator.inputs.contains(.autocorrelation) else { return nil }
        var contexts = [PictureContext](repeating: PictureContext(), count: scales)
        for tile in tiling.tiles {
            let rows = tiling.rows.counted(tile.row).moved(by: -tile.y), columns = tiling.columns.counted(tile.column).moved(by: -tile.x)
            for (scale, level) in Pyramid.levels(of: picture.piece(tile), scales: scales).enumerated() {
                network.kernelEstimator.observe(
                    level, counted: (rows.divided(by: 1 << scale), columns.divided(by: 1 << scale)), into: &contexts[scale])
            }
            try onTile()
        }
        return contexts
    }

    func tiling(of photograph: Photograph) -> Tiling {
        Tiling(of: network.config, pictureWidth: photograph.width, pictureHeight: photograph.height)
    }
}
