import Foundation

/// How far local gradients repeat themselves, as M's second input: a blur copies every edge along its path, so the lags at which gradients
/// agree are the differences of the path's points. Not in the paper; MODEL.md says why.
///
/// Of the grey picture at the taps' scale, over windows of 5 x 5 cells, a cell being one position of M's centre, and over the whole picture
/// (`PictureContext`). Each lag is a mean over the pairs that lie inside the picture, over the gradient's energy; lag 0 is the logarithm of
/// that energy.
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

    /// Pixels along one side of a cell, and of a tap.
    let cell, spacing: Int

    /// Sums over cells, one number a lag and cell: of the gradients' products, and of the pairs of pixels inside the picture.
    struct Cells {
        /// Each `[lags, height / cell, width / cell]`.
        let products, pairs: Tensor
    }

    /// - Parameter image: `[3, height, width]` in 0...1, sides multiples of `cell`
    func cells(_ image: Tensor) -> Cells {
        let third = Tensor(shape: [1, 3], values: [1 / 3, 1 / 3, 1 / 3])
        let grey = Ops.meanPool(Ops.linear(image, weight: Weight(third)), by: spacing)
        let ones = Tensor(shape: grey.shape, values: [Float](repeating: 1, count: grey.count))
        func sums(_ x: Tensor) -> Tensor { Ops.lagProducts(x, lags: Self.lags, cell: cell / spacing) }
        return Cells(products: sums(Ops.forwardDifferences(grey)), pairs: sums(ones))
    }

    /// Around each cell.
    /// - Returns: `[lags, height / cell, width / cell]`
    func local(_ cells: Cells) -> Tensor {
        let products = Ops.windowSums(cells.products, window: Self.window), pairs = Ops.windowSums(cells.pairs, window: Self.window)
        let positions = products.positions
        var result = products
        for position in 0..<positions {
            let energy = products.values[position] / max(pairs.values[position], 1)
            result.values[position] = Self.logarithm(energy)
            for index in stride(from: position + positions, to: products.count, by: positions) {
                result.values[index] = Self.share(products.values[index] / max(pairs.values[index], 1), of: energy)
            }
        }
        return result
    }

    static func logarithm(_ energy: Float) -> Float { log(energy + 1e-6) / 4 }

    static func share(_ product: Float, of energy: Float) -> Float { product / (energy + 1e-5) }

    /// - Parameter pixels: of the picture
    func multiplyAdds(_ pixels: Int) -> Int { 3 * Self.lags.count * pixels / (spacing * spacing) }
}
