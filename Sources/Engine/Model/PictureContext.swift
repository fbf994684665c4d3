/// What a picture shows of its motion as a whole: the mean of M's evidence over all its positions, gathered tile by tile, so that every tile
/// is judged in the light of the same picture.
struct PictureContext: Sendable {
    private var sums: [Double] = []
    private var positions = 0

    var isEmpty: Bool { positions == 0 }

    /// Adds a part; over all calls, the parts must cover each position of the picture once.
    /// - Parameters:
    ///   - evidence: `[channels, height, width]` of a tile
    ///   - rows, columns: of the tile that count
    mutating func add(_ evidence: Tensor, rows: Range<Int>, columns: Range<Int>) {
        let part = Ops.rectangleSums(evidence, rows: rows, columns: columns)
        sums = sums.isEmpty ? part : zip(sums, part).map(+)
        positions += rows.count * columns.count
    }

    /// `[channels, 1]`
    var mean: Tensor {
        Tensor(shape: [sums.count, 1], values: sums.map { Float($0 / Double(positions)) })
    }
}
