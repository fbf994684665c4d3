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
        /// T's; once U has said whether the photograph is sharp, below `sharp_below` exactly where it is. U is not asked where the timestep
        /// was given.
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
        var prediction = try predict(photograph, tiling, progress: &progress), isStill = true
        let timestep = prediction.timestep
        if holdsNothing(photograph) { return judged(timestep, isStill: true) }
        guard isDoubtful(timestep) else { return timestep }
        try restoreTiles(of: photograph, tiling, &prediction, timestep: told(timestep), progress: &progress) { _, piece, restored in
            isStill = self.isStill(piece, restored, timestep: timestep)
            return isStill
        }
        return judged(timestep, isStill: isStill)
    }

    /// What U is told of a photograph that T puts at `timestep`: of one that T finds blurred no less than `least_timestep`, as T judges the
    /// mean over a photograph, of which a part may be blurred more.
    func told(_ timestep: Int) -> Int {
        timestep < network.config.sharpBelow ? timestep : max(timestep, network.config.leastTimestep)
    }

    /// Whether there is nothing in a photograph by which T could judge, or that U could sharpen; not asked of a model to which none is sharp.
    private func holdsNothing(_ photograph: Photograph) -> Bool { network.config.sharpBelow > 0 && photograph.isFlat }

    /// Whether T may be mistaken about a sharp photograph, so that it takes U to tell.
    private func isDoubtful(_ timestep: Int) -> Bool { timestep < network.config.doubtfulBelow }

    /// Whether U left a tile of a photograph that T puts at `timestep` where it was. Where T finds it sharp, a small part may move: less is
    /// enough.
    private func isStill(_ piece: Tensor, _ restored: Tensor, timestep: Int) -> Bool {
        let config = network.config
        let least = timestep < config.sharpBelow ? config.sharpDisplacement : config.stillDisplacement
        return Displacement.greatest(from: piece, to: restored) < least
    }

    /// The timestep of a photograph that T puts at `timestep`, once U has said whether it is sharp.
    private func judged(_ timestep: Int, isStill: Bool) -> Int {
        isStill ? min(timestep, max(network.config.sharpBelow - 1, 0)) : max(timestep, network.config.sharpBelow)
    }

    /// A photograph that T finds sharp or doubts, and that U then hardly moves, comes back as it is, unless the timestep was given. So does
    /// one in which there is nothing to see, and U is not asked.
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
        var prediction = try predict(photograph, tiling, progress: &progress) {
            reblur.add($0, top: $1, left: $2, counted: $3)
        }
        var timestep = prediction.timestep
        let isEmpty = override == nil && holdsNothing(photograph)
        let found = timestep, used = override ?? told(found), inDoubt = override == nil && (isEmpty || isDoubtful(found))
        if !inDoubt { onTimestep(timestep) }
        let predicted = clock.now

        var result = photograph, strip = BlendStrip(tiling), isUnchanged = inDoubt
        if isEmpty {
            try progress.finish(tiles.count * work.restoration)
        } else {
            try restoreTiles(of: photograph, tiling, &prediction, timestep: used, progress: &progress) { tile, piece, restored in
                isUnchanged = isUnchanged && isStill(piece, restored, timestep: found)
                strip.add(restored, tile) { rows, y in result.setPlanes(rows, x: 0, y: y) }
                return true
            }
        }
        if inDoubt {
            timestep = judged(found, isStill: isUnchanged)
            onTimestep(timestep)
        }
        return Result(
            photograph: isUnchanged ? photograph : result, predictedTimestep: timestep, usedTimestep: isUnchanged ? timestep : used,
            isUnchanged: isUnchanged, reblur: reblur, kernelSeconds: (predicted - start).seconds,
            diffusionSeconds: (clock.now - predicted).seconds)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
