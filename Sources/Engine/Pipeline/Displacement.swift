/// How far a restoration moved what is in a picture: the change over the gradient, both as root mean squares, in pixels (Lucas and Kanade
/// 1981, section 4:
/// the difference of two pictures is the gradient times the displacement).
///
/// T knows kernels alone and takes the soft look of a lens for motion. U sees the picture, and leaves sharp edges where they are.
enum Displacement {
    /// Pixels along one side of a cell, or somewhat more: what moved shall not drown in a large picture that stood still.
    static let cell = 512

    /// Pixels, in the cell whose mean squared change is greatest.
    /// - Parameters: a picture and what it became, `[3, height, width]`, at least 2 x 2
    static func greatest(from picture: Tensor, to restored: Tensor) -> Double {
        let rows = edges(picture.height), columns = edges(picture.width)
        var worst = (change: 0.0, gradient: 1.0)
        Parallel.inOrder((rows.count - 1) * (columns.count - 1)) { index in
            let row = index / (columns.count - 1), column = index % (columns.count - 1)
            return energies(picture, restored, rows[row]..<rows[row + 1], columns[column]..<columns[column + 1])
        } visit: { _, energies in
            if energies.change > worst.change { worst = energies }
        }
        return (worst.change / max(worst.gradient, .leastNormalMagnitude)).squareRoot()
    }

    /// Where cells begin and end along a side.
    private static func edges(_ length: Int) -> [Int] {
        let cells = max(length / cell, 1)
        return (0...cells).map { $0 * length / cells }
    }

    /// Mean squares, over a cell's pixels and channels, of the change, and of the restored picture's differences across and down within the
    /// cell.
    private static func energies(_ picture: Tensor, _ restored: Tensor, _ rows: Range<Int>, _ columns: Range<Int>) -> (
        change: Double, gradient: Double
    ) {
        let height = picture.height, width = picture.width
        return picture.values.withUnsafeBufferPointer { before in
            restored.values.withUnsafeBufferPointer { after in
                var change = 0.0, across = 0.0, down = 0.0
                for channel in 0..<picture.channels {
                    for row in rows {
                        let first = (channel * height + row) * width + columns.lowerBound, last = first + columns.count
                        change += sum(first..<last) { (after[$0] - before[$0]) * (after[$0] - before[$0]) }
                        across += sum(first + 1..<last) { (after[$0] - after[$0 - 1]) * (after[$0] - after[$0 - 1]) }
                        if row > rows.lowerBound {
                            down += sum(first..<last) { (after[$0] - after[$0 - width]) * (after[$0] - after[$0 - width]) }
                        }
                    }
                }
                let lines = Double(picture.channels * rows.count), pixels = lines * Double(columns.count)
                return (change / pixels, across / (pixels - lines) + down / (pixels - Double(picture.channels * columns.count)))
            }
        }
    }

    /// The sum of a term over some places of a row.
    @inline(__always)
    private static func sum(_ places: Range<Int>, _ term: (Int) -> Float) -> Double {
        var sum: Float = 0
        for place in places { sum += term(place) }
        return Double(sum)
    }
}
