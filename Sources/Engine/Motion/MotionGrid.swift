/// The motion that a photograph was blurred by, at a few places: the mean blur kernel of each cell of a grid over it.
struct MotionGrid: Equatable {
    /// Places along the longer side.
    static let acrossRange = 8...24

    let columns, rows: Int
    /// Along one side of a kernel; odd, so that its middle tap is the pixel itself.
    let taps: Int
    /// Pixels of the photograph from one tap to the next.
    let tapSpacing: Int
    /// The kernels of the cells from left to right, then from top to bottom; each taps * taps weights in rows, not below 0.
    let kernels: [[Float]]

    init(columns: Int, rows: Int, taps: Int, tapSpacing: Int, kernels: [[Float]]) {
        precondition(
            kernels.count == columns * rows && kernels.allSatisfy { $0.count == taps * taps },
            "\(kernels.count) kernels of \(kernels.first?.count ?? 0) for \(columns)x\(rows) of \(taps)x\(taps)")
        (self.columns, self.rows, self.taps, self.tapSpacing, self.kernels) = (columns, rows, taps, tapSpacing, kernels)
    }

    /// Columns and rows of a grid over a picture: `across` along its longer side, square cells, at least one each way, at most one for each
    /// position where a kernel is known.
    static func size(across: Int, width: Int, height: Int, positions: (width: Int, height: Int)) -> (columns: Int, rows: Int) {
        let cell = Double(max(width, height)) / Double(across)
        func count(_ side: Int, _ most: Int) -> Int { min(max(Int((Double(side) / cell).rounded()), 1), max(most, 1)) }
        return (count(width, positions.width), count(height, positions.height))
    }
}
