/// How far gradients repeat themselves over a whole picture, gathered tile by tile, so that M sees every tile in the light of the same
/// picture:
/// a camera shakes everywhere at once, and what textured places show helps where there is little to see.
struct PictureContext: Sendable {
    private var products: [Double] = []
    private var pairs = [Double](repeating: 0, count: GradientAutocorrelation.lags.count)

    init() {}

    /// The context of a picture in one piece, from the sums over its own cells.
    init(of cells: GradientAutocorrelation.Cells) {
        add(cells, rows: 0..<cells.products.height, columns: 0..<cells.products.width)
    }

    /// Adds a part; over all calls, the parts must cover each cell of the picture once.
    /// - Parameters: rows and columns of the part's cells that count
    mutating func add(_ cells: GradientAutocorrelation.Cells, rows: Range<Int>, columns: Range<Int>) {
        let sums = Ops.rectangleSums(cells.products, rows: rows, columns: columns)
        products = products.isEmpty ? sums : zip(products, sums).map(+)
        pairs = zip(pairs, GradientAutocorrelation.lags).map { $0 + Double(cells.pairs($1, rows: rows, columns: columns)) }
    }

    /// `[GradientAutocorrelation.count, 1]`, as `GradientAutocorrelation.local` has them at each cell.
    var everywhere: Tensor {
        let values = products.indices.pieces(of: pairs.count).flatMap { set in
            let means = zip(products[set], pairs).map { Float($0 / max($1, 1)) }
            return [GradientAutocorrelation.logarithm(means[0])] + means.dropFirst().map { GradientAutocorrelation.share($0, of: means[0]) }
        }
        return Tensor(shape: [values.count, 1], values: values)
    }
}
