/// How often values fell below each of a row of bounds, and their sum: what Prometheus computes quantiles from.
struct Histogram: Sendable {
    /// Ascending; a last bucket without bound follows.
    let bounds: [Double]
    /// One for each bound and one for what lies above; not cumulative.
    private(set) var counts: [UInt64]
    private(set) var sum = 0.0

    init(bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds do not ascend: \(bounds)")
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// A value on a bound belongs to its bucket (le = less or equal).
    mutating func observe(_ value: Double) {
        guard value.isFinite else { return }
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }

    var count: UInt64 { counts.reduce(0, +) }

    /// For each bound how many values were at most so large, the last being all.
    var cumulative: [(bound: Double, count: UInt64)] {
        var total: UInt64 = 0
        return zip(bounds + [.infinity], counts).map { bound, count in
            total += count
            return (bound, total)
        }
    }
}
