import Foundation

/// How far local gradients repeat themselves, as M's second input: a blur copies every edge along its path, so the lags at which gradients
/// agree are the differences of the path's points. Not in the paper; MODEL.md says why.
///
/// Of the grey picture at the taps' scale, over windows of 5 x 5 cells, a cell being one position of M's centre, and over the whole picture
/// (`PictureContext`). Each lag is a mean over the pairs that lie inside the picture, over the gradient's energy; lag 0 is the logarithm of
/// that energy. A second set may follow, of compressed gradients: a few strong edges make up the sums of the first.
struct GradientAutocorrelation: Sendable {
    /// A half plane, as the other half repeats it: v = 0 with u >= 0 (so that (0, 0) is first), then the rows below; all lags up to 6 and
    /// even ones up to 16.
    static let lags: [Ops.Lag] = {
        let dense = 6, reach = 16
        return (0...reach).flatMap { v in
            (-reach...reach).compactMap { u in
                let kept = max(abs(u), v) <= dense || u % 2 == 0 && v % 2 == 0
                return kept && (v > 0 || u >= 0) ? Ops.Lag(across: u, down: v) : nil
            }
        }
    }()

    private static let window = 5
    /// Gradients far above it count alike in the second set; those below come out about as large as they went in.
    private static let knee: Float = 0.02, scale: Float = 0.1

    /// Pixels along one side of a cell, and of a tap.
    let cell, spacing: Int
    /// Whether there is a second set of lags, that of the compressed gradients.
    let compressed: Bool

    /// The number of lags of all sets together.
    var count: Int { (compressed ? 2 : 1) * Self.lags.count }

    /// What is summed over each cell of a picture.
    struct Cells {
        /// Sums of the gradients' products, `[count, height / cell, width / cell]`.
        let products: Tensor
        /// Pixels along one side of a cell, at the taps' scale.
        let side: Int

        /// Pairs of pixels, a lag apart and both inside the picture, in a rectangle of cells.
        func pairs(_ lag: Ops.Lag, rows: Range<Int>, columns: Range<Int>) -> Int { inside(columns: columns, lag) * inside(rows: rows, lag) }

        /// Pixels across some cells whose partners lie inside the picture as well.
        func inside(columns: Range<Int>, _ lag: Ops.Lag) -> Int { inside(columns, of: products.width, lag.across) }

        /// Pixels down some cells whose partners lie inside the picture as well.
        func inside(rows: Range<Int>, _ lag: Ops.Lag) -> Int { inside(rows, of: products.height, lag.down) }

        private func inside(_ cells: Range<Int>, of count: Int, _ lag: Int) -> Int {
            max(min(cells.upperBound * side, count * side - lag) - max(cells.lowerBound * side, -lag), 0)
        }
    }

    /// - Parameter image: `[3, height, width]` in 0...1, sides multiples of `cell`
    func cells(_ image: Tensor) -> Cells {
        let third = Tensor(shape: [1, 3], values: [1 / 3, 1 / 3, 1 / 3])
        let gradients = Ops.forwardDifferences(Ops.linear(Channels(Ops.meanPool(image, by: spacing)), weight: Weight(third)))
        let side = cell / spacing, products = Ops.lagProducts(gradients, lags: Self.lags, cell: side)
        guard compressed else { return Cells(products: products, side: side) }
        let others = Ops.lagProducts(Ops.compressed(gradients, scale: Self.scale, knee: Self.knee), lags: Self.lags, cell: side)
        return Cells(products: Channels(products, others).tensor, side: side)
    }

    /// Around each cell.
    /// - Returns: `[count, height / cell, width / cell]`
    func local(_ cells: Cells) -> Tensor {
        var result = Ops.windowSums(cells.products, window: Self.window)
        let height = result.height, width = result.width, positions = result.positions, reach = Self.window / 2
        func around(_ place: Int, of count: Int) -> Range<Int> { max(place - reach, 0)..<min(place + reach + 1, count) }
        result.write { values in
            for index in 0..<count {
                let lag = Self.lags[index % Self.lags.count]
                let columns = (0..<width).map { cells.inside(columns: around($0, of: width), lag) }
                for row in 0..<height {
                    let rows = cells.inside(rows: around(row, of: height), lag), first = (index * height + row) * width
                    for column in 0..<width { values[first + column] /= Float(max(rows * columns[column], 1)) }
                }
            }
            for set in stride(from: 0, to: count, by: Self.lags.count) {
                for cell in (set * positions)..<((set + 1) * positions) {
                    let energy = values[cell]
                    values[cell] = Self.logarithm(energy)
                    for index in 1..<Self.lags.count {
                        values[index * positions + cell] = Self.share(values[index * positions + cell], of: energy)
                    }
                }
            }
        }
        return result
    }

    static func logarithm(_ energy: Float) -> Float { log(energy + 1e-6) / 4 }

    static func share(_ product: Float, of energy: Float) -> Float { product / (energy + 1e-5) }

    /// - Parameter pixels: of the picture
    func multiplyAdds(_ pixels: Int) -> Int { 2 * count * pixels / (spacing * spacing) }
}
