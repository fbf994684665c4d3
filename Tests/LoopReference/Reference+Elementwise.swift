import Engine
import Foundation

extension Reference {
    package static func sum(_ x: Tensor, _ y: Tensor) -> Tensor { map(x, y) { $0 + $1 } }
    package static func product(_ x: Tensor, _ y: Tensor) -> Tensor { map(x, y) { $0 * $1 } }
    package static func mix(_ x: Tensor, times a: Float, _ y: Tensor, times b: Float) -> Tensor {
        map(x, y) { Double(a) * $0 + Double(b) * $1 }
    }
    package static func affine(_ x: Tensor, scale: Float, shift: Float) -> Tensor {
        map(x, x) { value, _ in Double(scale) * value + Double(shift) }
    }
    package static func clamped(_ x: Tensor, low: Float, high: Float) -> Tensor {
        map(x, x) { value, _ in min(max(value, Double(low)), Double(high)) }
    }
    package static func activated(_ x: Tensor, _ activation: Activation) -> Tensor { map(x, x) { value, _ in apply(activation, value) } }
    package static func allFinite(_ x: Tensor) -> Bool { x.values.allSatisfy(\.isFinite) }

    package static func geglu(_ x: Tensor) -> Tensor {
        let half = x.channels / 2
        return .matrix([half] + x.shape.dropFirst()) { c, p in
            let gate = x.cell(c + half, p)
            return x.cell(c, p) * gate * 0.5 * (1 + erf(gate / 2.0.squareRoot()))
        }
    }

    package static func softmaxOverChannels(_ x: Tensor) -> Tensor {
        .matrix(x.shape) { c, p in
            let column = (0..<x.channels).map { x.cell($0, p) }
            let top = column.max() ?? 0
            return exp(column[c] - top) / column.reduce(0) { $0 + exp($1 - top) }
        }
    }

    package static func concatenated(_ x: Tensor, _ y: Tensor) -> Tensor {
        .matrix([x.channels + y.channels] + x.shape.dropFirst()) { c, p in c < x.channels ? x.cell(c, p) : y.cell(c - x.channels, p) }
    }

    package static func transposed(_ x: Tensor) -> Tensor { .matrix([x.shape[1], x.shape[0]]) { x.cell($1, $0) } }

    static func apply(_ activation: Activation, _ x: Double) -> Double {
        switch activation {
        case .identity: x
        case .relu: max(x, 0)
        case .silu: x / (1 + exp(-x))
        }
    }

    private static func map(_ x: Tensor, _ y: Tensor, _ function: (Double, Double) -> Double) -> Tensor {
        Tensor(shape: x.shape, values: zip(x.values, y.values).map { Float(function(Double($0), Double($1))) })
    }
}
