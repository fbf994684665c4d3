/// The kernel map of a whole picture averaged over the cells of a coarse grid, fed with parts of the map in any order. Every position
/// counts in one cell.
struct KernelGrid {
    let columns, rows: Int
    private let taps: Int
    private let rowCells, columnCells: [Range<Int>]
    private var sums: [Double]  // [rows * columns, taps]

    /// - Parameters: height and width of the part of the kernel map that lies in the picture; at least `rows` and `columns`
    init(taps: Int, columns: Int, rows: Int, height: Int, width: Int) {
        (self.taps, self.columns, self.rows) = (taps, columns, rows)
        rowCells = (0..<rows).map { $0 * height / rows..<($0 + 1) * height / rows }
        columnCells = (0..<columns).map { $0 * width / columns..<($0 + 1) * width / columns }
        sums = [Double](repeating: 0, count: rows * columns * taps)
    }

    /// Adds a part of the map; parameters as of `KernelPool.add`.
    mutating func add(_ kernels: Tensor, top: Int, left: Int, counted: (rows: Range<Int>, columns: Range<Int>)) {
        for (row, rowCell) in rowCells.enumerated() {
            let rows = rowCell.clamped(to: counted.rows).clamped(to: top..<(top + kernels.height))
            if rows.isEmpty { continue }
            for (column, columnCell) in columnCells.enumerated() {
                let columns = columnCell.clamped(to: counted.columns)
                if columns.isEmpty { continue }
                let part = Ops.rectangleSums(
                    kernels, rows: (rows.lowerBound - top)..<(rows.upperBound - top),
                    columns: (columns.lowerBound - left)..<(columns.upperBound - left))
                for tap in 0..<taps { sums[(row * self.columns + column) * taps + tap] += part[tap] }
            }
        }
    }

    /// The mean kernel of each place, row by row, each `[taps]`.
    var means: [[Float]] {
        (0..<rows * columns).map { cell in
            let positions = Double(rowCells[cell / columns].count * columnCells[cell % columns].count)
            return sums[cell * taps..<(cell + 1) * taps].map { Float($0 / positions) }
        }
    }
}
