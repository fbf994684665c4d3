import Foundation

/// A photograph through the network: in one piece, or in tiles under one timestep. The only way from M to D, which production, `bench` and
/// the comparison with PyTorch share: `Restoration+Tiles` has its two halves, `Restoration+Piece` a tensor's way through them.
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

    /// The timestep of a photograph, as `restore` predicts it: by M and T alone where they leave no doubt, else by as many tiles as it
    /// takes.
    /// - Throws: `DeblurError.numericalFault`
    func timestep(of photograph: Photograph) throws -> Int {
        var progress = WorkProgress(total: 1) { _ in }
        let tiling = tiling(of: photograph)
        let timestep = try predict(photograph, tiling, projecting: false, progress: &progress).timestep
        guard isDoubtful(timestep) else { return timestep }
        var prediction = try predict(photograph, tiling, projecting: true, progress: &progress), isStill = true
        try restoreTiles(of: photograph, tiling, &prediction, timestep: timestep, progress: &progress) { _, piece, restored in
            isStill = self.isStill(piece, restored)
            return isStill
        }
        return isStill ? highestSharp : timestep
    }

    /// Whether T may be mistaken about a sharp photograph, so that it takes U to tell.
    private func isDoubtful(_ timestep: Int) -> Bool {
        timestep >= network.config.sharpBelow && timestep < network.config.doubtfulBelow
    }

    /// The timestep of a photograph that only U finds sharp: no less than that of one that T finds sharp, too.
    private var highestSharp: Int { max(network.config.sharpBelow - 1, 0) }

    /// Whether U moved nothing in a tile by more than `still_displacement`.
    private func isStill(_ piece: Tensor, _ restored: Tensor) -> Bool {
        Displacement.greatest(from: piece, to: restored) < network.config.stillDisplacement
    }

    /// A photograph whose timestep is below the configuration's `sharp_below`, or doubtful and then hardly moved by U, comes back as it is,
    /// unless the timestep was given.
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
        var prediction = try predict(photograph, tiling, projecting: true, progress: &progress) {
            reblur.add($0, top: $1, left: $2, counted: $3)
        }
        let used = override ?? prediction.timestep, inDoubt = override == nil && isDoubtful(used)
        if !inDoubt { onTimestep(prediction.timestep) }
        var predictedTimestep = prediction.timestep, isUnchanged = override == nil && used < network.config.sharpBelow
        let predicted = clock.now

        var result = photograph
        if isUnchanged {
            try progress.finishAll()
        } else {
            var strip = BlendStrip(tiling)
            isUnchanged = inDoubt
            try restoreTiles(of: photograph, tiling, &prediction, timestep: used, progress: &progress) { tile, piece, restored in
                isUnchanged = isUnchanged && isStill(piece, restored)
                strip.add(restored, tile) { rows, y in result.setPlanes(rows, x: 0, y: y) }
                return true
            }
        }
        if inDoubt {
            if isUnchanged { (result, predictedTimestep) = (photograph, highestSharp) }
            onTimestep(predictedTimestep)
        }
        return Result(
            photograph: result, predictedTimestep: predictedTimestep, usedTimestep: isUnchanged ? predictedTimestep : used,
            isUnchanged: isUnchanged,
            reblur: reblur, kernelSeconds: (predicted - start).seconds, diffusionSeconds: (clock.now - predicted).seconds)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
