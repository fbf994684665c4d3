/// The kernel map of a whole picture averaged over 8 x 8 bins, fed with parts of the map in any order.
///
/// T's linear layer and its pooling commute, so only these 64 means a tap are ever kept. Bin i of n positions is
/// floor(i n / 8) ..< ceil((i + 1) n / 8), as in PyTorch's adaptive pooling; bins share a position where 8 does not divide n.
struct KernelPool: Sendable {
    static let bins = 8

    private let taps: Int
    private let rowBins, columnBins: [Range<Int>]
    private var sums: [Double]  // [taps, 8, 8]

    /// - Parameters: height and width of the whole kernel map
    init(taps: Int, height: Int, width: Int) {
        self.taps = taps
        rowBins = Self.bins(of: height)
        columnBins = Self.bins(of: width)
        sums = [Double](repeating: 0, count: taps * Self.bins * Self.bins)
    }

    /// Adds a part of the map; over all calls, `counted` must cover each position of the whole map once.
    /// - Parameters:
    ///   - kernels: `[taps, rows, columns]`
    ///   - top, left: where it lies in the whole map
    ///   - counted: the rows and columns of the whole map, inside the part, that this part answers for
    mutating func add(_ kernels: Tensor, top: Int, left: Int, counted: (rows: Range<Int>, columns: Range<Int>)) {
        for (binRow, rowBin) in rowBins.enumerated() {
            let rows = rowBin.clamped(to: counted.rows).clamped(to: top..<(top + kernels.height))
            if rows.isEmpty { continue }
            for (binColumn, columnBin) in columnBins.enumerated() {
                let columns = columnBin.clamped(to: counted.columns)
                if columns.isEmpty { continue }
                let part = Ops.rectangleSums(
                    kernels, rows: (rows.lowerBound - top)..<(rows.upperBound - top),
                    columns: (columns.lowerBound - left)..<(columns.upperBound - left))
                for tap in 0..<taps { sums[(tap * Self.bins + binRow) * Self.bins + binColumn] += part[tap] }
            }
        }
    }

    /// The mean kernels of T's 8 x 8 places, `[taps, 64]`.
    var means: Tensor {
        var values = [Float](repeating: 0, count: sums.count)
        for (index, sum) in sums.enumerated() {
            let positions = rowBins[index / Self.bins % Self.bins].count * columnBins[index % Self.bins].count
            values[index] = Float(sum / Double(positions))
        }
        return Tensor(shape: [taps, Self.bins * Self.bins], values: values)
    }

    static func bins(of length: Int) -> [Range<Int>] {
        (0..<bins).map { ($0 * length / bins)..<((($0 + 1) * length + bins - 1) / bins) }
    }
}
