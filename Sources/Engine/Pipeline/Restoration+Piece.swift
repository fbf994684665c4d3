/// A picture that is no photograph, in one piece.
extension Restoration {
    /// A picture that is no photograph, and what it became.
    struct Piece {
        let prediction: Prediction
        let reblur: Reblur
        /// The restored picture, `[3, height, width]` in 0...1.
        let output: Tensor
    }

    /// A tensor's way from M to D in one piece, sharp or not: what `bench` times, and the comparison with PyTorch records.
    /// - Parameters:
    ///   - image: `[3, height, width]` in 0...1, sides multiples of the alignment
    ///   - timestep: instead of T's
    ///   - stages: records every stage of the network
    /// - Throws: `DeblurError.numericalFault`
    func restore(_ image: Tensor, timestep override: Int? = nil, stages: StageRecorder? = nil) throws -> Piece {
        let tiling = Tiling(inOnePiece: network.config, width: image.width, height: image.height)
        var progress = WorkProgress(total: 1) { _ in }
        var reblur = Reblur(network.config.kernelEstimator, height: image.height, width: image.width), output: Tensor?
        var prediction = try predict(image, tiling, stages: stages, progress: &progress) {
            reblur.add($0, top: $1, left: $2, counted: $3)
        }
        try restoreTiles(
            of: image, tiling, &prediction, timestep: override ?? told(prediction.timestep), stages: stages, progress: &progress
        ) { _, _, restored in
            output = restored
            return true
        }
        guard let output else { preconditionFailure("a picture in one piece has one tile") }
        return Piece(prediction: prediction, reblur: reblur, output: output)
    }
}
