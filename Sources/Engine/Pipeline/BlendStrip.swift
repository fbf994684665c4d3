/// Puts restored tiles together, keeping only one row of them in memory: 100 MB for a picture 8192 pixels wide.
struct BlendStrip {
    private let tiling: Tiling
    private var strip: Tensor  // [3, tile height, picture width], weighted sums

    init(_ tiling: Tiling) {
        self.tiling = tiling
        strip = Tensor(zeros: [3, tiling.rows.size, tiling.columns.length])
    }

    /// Adds a tile; tiles come in the order of `Tiling.tiles`.
    /// - Parameters:
    ///   - restored: `[3, tile height, tile width]`
    ///   - emit: called after the last tile of a row with finished rows of the picture, which lie in the strip, and the first row's y
    mutating func add(_ restored: Tensor, _ tile: Tiling.Tile, emit: (_ rows: Channels, _ y: Int) -> Void) {
        let columnWeights = tiling.columns.weights(tile.column)
        Ops.addWeighted(
            restored, to: &strip, top: 0, left: tile.x, rowWeights: tiling.rows.weights(tile.row),
            columnWeights: Tensor(shape: [columnWeights.count], values: columnWeights))
        guard tile.column == tiling.columns.starts.count - 1 else { return }
        let isLast = tile.row == tiling.rows.starts.count - 1
        let next = isLast ? tiling.rows.length : tiling.rows.starts[tile.row + 1]
        let finished = next - tile.y
        emit(Channels(rows: 0..<finished, of: strip), tile.y)
        if !isLast { Ops.scrollUp(&strip, by: finished) }
    }
}
