import Foundation

/// The path of one blur kernel: where the light of a point went while the shutter was open.
///
/// A motion kernel is a thin line of weights. Its principal axis orders the weights from one end to the other; at a few stations along the axis
/// the mean distance from it gives the bend. Ends are where the outermost hundredths of the weight lie, drawn in by as much of the spread as is the
/// same in all directions: that is the estimator's own doubt, or a lens out of focus, and no motion.
struct MotionPath: Equatable {
    struct Point: Equatable {
        var x, y: Double
    }

    /// In taps, from the middle of the weight, from one end to the other. One point where nothing moved.
    let points: [Point]

    private static let stations = 9
    /// Weights below this share of the largest are the floor that a softmax leaves everywhere.
    private static let floor: Float = 0.1
    private static let endShare = 0.01

    /// - Parameter kernel: taps * taps weights in rows
    init(kernel: [Float], taps: Int) {
        let least = Self.floor * (kernel.max() ?? 0)
        let weights = kernel.indices.compactMap { index -> (x: Double, y: Double, weight: Double)? in
            guard kernel[index] > least else { return nil }
            return (Double(index % taps), Double(index / taps), Double(kernel[index]))
        }
        let total = weights.reduce(0) { $0 + $1.weight }
        guard total > 0 else {
            points = [Point(x: 0, y: 0)]
            return
        }
        let centre = weights.reduce(Point(x: 0, y: 0)) { Point(x: $0.x + $1.x * $1.weight / total, y: $0.y + $1.y * $1.weight / total) }
        var (xx, xy, yy) = (0.0, 0.0, 0.0)
        for tap in weights {
            let (x, y) = (tap.x - centre.x, tap.y - centre.y)
            (xx, xy, yy) = (xx + x * x * tap.weight / total, xy + x * y * tap.weight / total, yy + y * y * tap.weight / total)
        }
        // Eigenvalues of the 2 x 2 covariance.
        let mean = (xx + yy) / 2, spread = (pow((xx - yy) / 2, 2) + xy * xy).squareRoot()
        guard spread > 0 else {
            points = [Point(x: 0, y: 0)]
            return
        }
        let directed = (2 * spread / (mean + spread)).squareRoot()      // of the spread along: 1 for a line, 0 for a disc
        let angle = 0.5 * atan2(2 * xy, xx - yy), axis = Point(x: cos(angle), y: sin(angle))
        let placed = weights.map { tap in
            let (x, y) = (tap.x - centre.x, tap.y - centre.y)
            return (along: x * axis.x + y * axis.y, across: y * axis.x - x * axis.y, weight: tap.weight / total)
        }.sorted { $0.along < $1.along }
        let first = Self.end(placed.map { ($0.along, $0.weight) }), last = Self.end(placed.reversed().map { ($0.along, $0.weight) })
        points = Self.bent(placed, from: first * directed, to: last * directed, axis)
    }

    /// In taps.
    var length: Double {
        zip(points, points.dropFirst()).reduce(0) { $0 + hypot($1.1.x - $1.0.x, $1.1.y - $1.0.y) }
    }

    private static func end(_ ordered: [(along: Double, weight: Double)]) -> Double {
        var seen = 0.0
        for tap in ordered {
            seen += tap.weight
            if seen >= endShare { return tap.along }
        }
        return ordered.last?.along ?? 0
    }

    private static func bent(_ placed: [(along: Double, across: Double, weight: Double)], from first: Double, to last: Double, _ axis: Point) -> [Point] {
        let step = (last - first) / Double(stations - 1)
        guard step > 0 else { return [Point(x: 0, y: 0)] }
        let reach = max(step, 1)        // a tap is the least that has a neighbour
        return (0..<stations).map { station in
            let along = first + Double(station) * step
            var across = 0.0, weight = 0.0
            for tap in placed {
                let near = max(0, 1 - abs(tap.along - along) / reach) * tap.weight
                across += near * tap.across
                weight += near
            }
            if weight > 0 { across /= weight }
            return Point(x: along * axis.x - across * axis.y, y: along * axis.y + across * axis.x)
        }
    }
}
