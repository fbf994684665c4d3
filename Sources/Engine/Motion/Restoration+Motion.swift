/// The kernels that are drawn: M alone, without U.
extension Restoration {
    /// M over the whole photograph, averaged over the cells of a grid.
    /// - Parameter across: cells along the longer side; the nearest of `MotionGrid.acrossRange` is taken
    /// - Throws: `DeblurError.numericalFault`
    func motionGrid(of photograph: Photograph, across: Int) throws -> MotionGrid {
        let range = MotionGrid.acrossRange, stride = network.kernelEstimator.stride, config = network.config.kernelEstimator
        // Positions that lie in the photograph whole; each side has at least one, as no side is below 16 pixels.
        let inside = (width: max(photograph.width / stride, 1), height: max(photograph.height / stride, 1))
        let size = MotionGrid.size(
            across: min(max(across, range.lowerBound), range.upperBound), width: photograph.width, height: photograph.height,
            positions: inside)
        var grid = KernelGrid(
            taps: network.kernelEstimator.taps, columns: size.columns, rows: size.rows, height: inside.height, width: inside.width)
        let tiling = tiling(of: photograph), solution = OneStepSolution(network: network),
            contexts = try contexts(photograph, tiling, scales: 1)
        for tile in tiling.tiles {
            let counted = (
                rows: tiling.rows.counted(tile.row).divided(by: stride), columns: tiling.columns.counted(tile.column).divided(by: stride)
            )
            _ = solution.kernelInputs(of: photograph.piece(tile), scales: 1, contexts: contexts, projecting: false) { _, band in
                grid.add(band.kernels, top: tile.y / stride + band.rows.lowerBound, left: tile.x / stride, counted: counted)
            }
        }
        let kernels = grid.means
        guard kernels.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw DeblurError.numericalFault(stage: "kernels") }
        return MotionGrid(columns: size.columns, rows: size.rows, taps: config.m, tapSpacing: config.tapSpacing, kernels: kernels)
    }
}
