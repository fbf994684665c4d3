/// Where the light of a point went while the shutter was open, read from its blur kernel: how far it spread, and the area that holds most
/// of it.
/// A motion gives a stroke, straight or bent; an estimator that knows how far but not which way, or a lens out of focus, gives a disc.
///
/// Between taps the weights are a cubic B-spline: smooth, so that the area has an outline, and never below 0.
struct MotionFootprint: Equatable {
    /// The share of a kernel's weight that lies within the drawn area.
    private static let share = 0.8

    let taps: Int
    /// The length in taps of an even, straight path whose weight has the same spread. 0 where nothing moved.
    let extent: Double
    /// The centre of the weight, in taps; (0, 0) is the middle of the first tap.
    let centre: (x: Double, y: Double)
    /// The area is where `sample` is at least this; the largest value of all taps is 1.
    let level: Double
    /// [taps * taps], above the floor that a softmax leaves everywhere.
    private let weights: [Double]

    /// - Parameter kernel: taps * taps weights in rows, not below 0
    init(kernel: [Float], taps: Int) {
        precondition(kernel.count == taps * taps, "\(kernel.count) weights for \(taps)x\(taps)")
        self.taps = taps
        let floor = kernel.sorted()[kernel.count / 2]
        let above = kernel.map { Double(max($0 - floor, 0)) }
        let total = above.reduce(0, +), middle = Double(taps - 1) / 2
        guard total > 0 else {
            (extent, centre, level, weights) = (0, (middle, middle), 1, above)
            return
        }
        var (x, y, squares) = (0.0, 0.0, 0.0)
        for (index, weight) in above.enumerated() {
            x += Double(index % taps) * weight / total
            y += Double(index / taps) * weight / total
        }
        for (index, weight) in above.enumerated() {
            let (dx, dy) = (Double(index % taps) - x, Double(index / taps) - y)
            squares += (dx * dx + dy * dy) * weight / total
        }
        let smooth = Self.smoothed(above, taps).sorted(by: >), smoothTotal = smooth.reduce(0, +)
        var held = 0.0
        let last = smooth.first { value in
            held += value
            return held >= Self.share * smoothTotal
        }
        // The variance of an even line of length l is l * l / 12.
        (extent, centre, level) = ((12 * squares).squareRoot(), (x, y), (last ?? 0) / smooth[0])
        weights = above.map { $0 / smooth[0] }
    }

    static func == (a: MotionFootprint, b: MotionFootprint) -> Bool { a.taps == b.taps && a.weights == b.weights }

    /// The weight at a place and how fast it changes there, for each tap; beyond the kernel there is none.
    func sample(x: Double, y: Double) -> (value: Double, slope: Double) {
        let (column, row) = (x.rounded(.down), y.rounded(.down))
        guard abs(column) < Double(4 * taps), abs(row) < Double(4 * taps) else { return (0, 0) }
        let (across, acrossSlope) = Self.spline(x - column), (down, downSlope) = Self.spline(y - row)
        var (value, dx, dy) = (0.0, 0.0, 0.0)
        for j in 0..<4 {
            let tapRow = Int(row) + j - 1
            guard (0..<taps).contains(tapRow) else { continue }
            for i in 0..<4 {
                let tapColumn = Int(column) + i - 1
                guard (0..<taps).contains(tapColumn) else { continue }
                let weight = weights[tapRow * taps + tapColumn]
                value += weight * across[i] * down[j]
                dx += weight * acrossSlope[i] * down[j]
                dy += weight * across[i] * downSlope[j]
            }
        }
        return (value, (dx * dx + dy * dy).squareRoot())
    }

    /// The cubic B-spline at the four taps around a place, `t` behind the second, and its derivative.
    private static func spline(_ t: Double) -> (SIMD4<Double>, SIMD4<Double>) {
        let s = 1 - t
        return (
            SIMD4(s * s * s, 3 * t * t * t - 6 * t * t + 4, 3 * s * s * s - 6 * s * s + 4, t * t * t) / 6,
            SIMD4(-s * s, 3 * t * t - 4 * t, 4 * s - 3 * s * s, t * t) / 2
        )
    }

    /// The spline's values at the taps themselves.
    private static func smoothed(_ weights: [Double], _ taps: Int) -> [Double] {
        func at(_ x: Int, _ y: Int) -> Double { (0..<taps).contains(x) && (0..<taps).contains(y) ? weights[y * taps + x] : 0 }
        return weights.indices.map { index in
            let (x, y) = (index % taps, index / taps)
            var sum = 0.0
            for (dy, down) in [(-1, 1.0), (0, 4.0), (1, 1.0)] {
                sum += down * (at(x - 1, y + dy) + 4 * at(x, y + dy) + at(x + 1, y + dy))
            }
            return sum / 36
        }
    }
}
