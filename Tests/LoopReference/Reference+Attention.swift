import Engine
import Foundation

extension Reference {
    package static func attention(query: Tensor, key: Tensor, value: Tensor, heads: Int) -> Tensor {
        let d = query.channels / heads, m = key.positions
        return .matrix(query.shape) { channel, position in
            let first = channel / d * d
            let scores = (0..<m).map { other in
                (first..<(first + d)).reduce(0) { $0 + query.cell($1, position) * key.cell($1, other) } / Double(d).squareRoot()
            }
            let top = scores.max() ?? 0
            let weights = scores.map { exp($0 - top) }
            return (0..<m).reduce(0) { $0 + weights[$1] * value.cell(channel, $1) } / weights.reduce(0, +)
        }
    }

    package static func groupNorm(
        _ x: Tensor, groups: Int, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .identity
    ) -> Tensor {
        let perGroup = x.channels / groups
        let groupMoments = (0..<groups).map { group in
            moments((group * perGroup..<(group + 1) * perGroup).flatMap { c in (0..<x.positions).map { x.cell(c, $0) } })
        }
        return .matrix(x.shape) { c, p in
            let (mean, variance) = groupMoments[c / perGroup]
            return normalised(x.cell(c, p), mean, variance, c, weight, bias, epsilon, activation)
        }
    }

    package static func pixelNorm(_ x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .identity) -> Tensor {
        let columnMoments = (0..<x.positions).map { p in moments((0..<x.channels).map { x.cell($0, p) }) }
        return .matrix(x.shape) { c, p in
            normalised(x.cell(c, p), columnMoments[p].mean, columnMoments[p].variance, c, weight, bias, epsilon, activation)
        }
    }

    private static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
    }

    private static func normalised(
        _ x: Double, _ mean: Double, _ variance: Double, _ c: Int, _ weight: Tensor, _ bias: Tensor, _ epsilon: Float,
        _ activation: Activation
    ) -> Double {
        apply(activation, (x - mean) / (variance + Double(epsilon)).squareRoot() * Double(weight.values[c]) + Double(bias.values[c]))
    }
}
