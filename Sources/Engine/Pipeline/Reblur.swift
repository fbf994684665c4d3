import Foundation

/// The re-blur certificate: whether a result explains its photograph. The result is blurred again with M's kernels, as in Eq. 12, and
/// compared with the photograph: in linear light, at the taps' own scale, at up to 32 x 32 places.
struct Reblur: Sendable {
    /// Places along one side: enough for a mean, too few to cost time.
    static let places = 32
    /// Decibels of a result that explains its photograph to the last digit.
    static let most = 100.0
    /// Display value to linear light, as in training (blur.py).
    private static let gamma: Float = 2.2

    private let m, spacing, stride: Int
    private let rows, columns: [Int]  // of the kernel map
    private var kernels: [Float]  // [rows, columns, m, m]

    /// - Parameters: height and width of the photograph in pixels
    init(_ config: ModelConfig.KernelEstimator, height: Int, width: Int) {
        (m, spacing, stride) = (config.m, config.tapSpacing, config.stride)
        rows = Self.spread(over: max(height / config.stride, 1))
        columns = Self.spread(over: max(width / config.stride, 1))
        kernels = [Float](repeating: 0, count: rows.count * columns.count * m * m)
    }

    private static func spread(over count: Int) -> [Int] {
        let places = min(count, places)
        return (0..<places).map { (2 * $0 + 1) * count / (2 * places) }
    }

    /// Takes what it needs of a part of the kernel map; parameters as of `KernelPool.add`.
    mutating func add(_ map: Tensor, top: Int, left: Int, counted: (rows: Range<Int>, columns: Range<Int>)) {
        let part = counted.rows.clamped(to: top..<(top + map.height))
        for (i, row) in rows.enumerated() where part.contains(row) {
            for (j, column) in columns.enumerated() where counted.columns.contains(column) {
                let from = (row - top) * map.width + column - left, to = (i * columns.count + j) * m * m
                for tap in 0..<m * m { kernels[to + tap] = map.values[tap * map.positions + from] }
            }
        }
    }

    /// Peak signal-to-noise ratio of the result, blurred again, against the photograph: dB, at most `most`.
    /// - Parameter result: of the photograph's size and depth
    func psnr(_ result: Photograph, explains photograph: Photograph) -> Double {
        let light = Self.light(levels: photograph.bitDepth == 8 ? 255 : 65_535)
        let errors = [Double](unsafeUninitializedCapacity: rows.count) { errors, count in
            nonisolated(unsafe) let errors = errors  // each row writes its own
            Parallel.forEach(rows.count) { row in
                var sum = 0.0
                for column in columns.indices {
                    let again = blurred(result, row, column, light), seen = taps(photograph, row, column, reach: 0, light)
                    for channel in 0..<3 { sum += Double((again[channel] - seen[channel]) * (again[channel] - seen[channel])) }
                }
                errors[row] = sum
            }
            count = rows.count
        }
        let mean = errors.reduce(0, +) / Double(3 * rows.count * columns.count)
        return min(-10 * log10(mean), Self.most)
    }

    /// The light that one place of the picture gets, `[3]`.
    private func blurred(_ picture: Photograph, _ row: Int, _ column: Int, _ light: [Float]) -> [Float] {
        let taps = taps(picture, row, column, reach: m / 2, light), kernel = (row * columns.count + column) * m * m
        return (0..<3).map { channel in
            (0..<m * m).reduce(0) { $0 + taps[channel * m * m + $1] * kernels[kernel + $1] }
        }
    }

    /// The light around the middle tap of one place, `[3, 2 reach + 1, 2 reach + 1]`: each tap the mean of spacing x spacing pixels.
    private func taps(_ picture: Photograph, _ row: Int, _ column: Int, reach: Int, _ light: [Float]) -> [Float] {
        let side = 2 * reach + 1, pixels = side * spacing, middle = (stride / spacing - 1) / 2 * spacing
        let planes = picture.planes(
            x: columns[column] * stride + middle - reach * spacing, y: rows[row] * stride + middle - reach * spacing, width: pixels,
            height: pixels)
        let scale = Float(light.count - 1), share = 1 / Float(spacing * spacing)
        var taps = [Float](repeating: 0, count: 3 * side * side)
        for (index, value) in planes.enumerated() {
            let line = index / pixels, channel = line / pixels
            taps[(channel * side + line % pixels / spacing) * side + index % pixels / spacing] += light[Int(value * scale + 0.5)] * share
        }
        return taps
    }

    /// The linear light of each level that a sample can have.
    private static func light(levels: Int) -> [Float] {
        (0...levels).map { pow(Float($0) / Float(levels), gamma) }
    }
}
