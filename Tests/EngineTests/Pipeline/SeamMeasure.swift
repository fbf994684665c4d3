import Engine

/// How much more a profile across a seam steps there than beside it.
struct SeamMeasure: CustomStringConvertible {
    let seam: Int
    /// Largest step between neighbours within the ramp, and within as far again on either side.
    let inside, beside: Float

    /// - Parameters:
    ///   - profile: means along the seam, one for each position across it
    ///   - ramp: width over which two tiles are mixed
    init(_ profile: [Float], seam: Int, ramp: Int) {
        func largestStep(_ range: Range<Int>) -> Float {
            range.clamped(to: 1..<profile.count).map { abs(profile[$0] - profile[$0 - 1]) }.max() ?? 0
        }
        self.seam = seam
        inside = largestStep((seam - ramp / 2)..<(seam + ramp / 2 + 1))
        beside = max(largestStep((seam - ramp * 3 / 2)..<(seam - ramp / 2)), largestStep((seam + ramp / 2 + 1)..<(seam + ramp * 3 / 2)))
    }

    /// A step of half a grey level along a whole seam cannot be seen, whatever lies beside it.
    var isVisible: Bool { inside > 1.5 * beside + 0.5 / 255 }

    var description: String { "\(seam): step \(inside * 255) grey levels in the seam, \(beside * 255) beside it" }

    /// Mean of every column of a picture `[channels, height, width]`.
    static func columns(_ x: Tensor) -> [Float] {
        (0..<x.width).map { column in mean(Ops.rectangleSums(x, rows: 0..<x.height, columns: column..<(column + 1)), x.height) }
    }

    /// Mean of every row.
    static func rows(_ x: Tensor) -> [Float] {
        (0..<x.height).map { row in mean(Ops.rectangleSums(x, rows: row..<(row + 1), columns: 0..<x.width), x.width) }
    }

    private static func mean(_ sums: [Double], _ count: Int) -> Float { Float(sums.reduce(0, +) / Double(sums.count * count)) }
}
