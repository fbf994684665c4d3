import CLoops

/// One result for each value, or for each value of two tensors of one shape.
extension Ops {
    /// Elements a core takes at once.
    private static let grain = 1 << 16

    /// x + y
    package static func sum(_ x: consuming Tensor, _ y: Tensor) -> Tensor {
        combine(x, y, loop_add)
    }

    /// x * y, element by element
    package static func product(_ x: consuming Tensor, _ y: Tensor) -> Tensor {
        combine(x, y, loop_multiply)
    }

    /// a x + b y
    package static func mix(_ x: consuming Tensor, times a: Float, _ y: Tensor, times b: Float) -> Tensor {
        combine(x, y) { x, y, count in loop_mix(x, x, a, y, b, count) }
    }

    /// scale x + shift
    package static func affine(_ x: consuming Tensor, scale: Float, shift: Float) -> Tensor {
        change(x) { loop_affine($0, $1, scale, shift) }
    }

    /// x limited to `low ... high`; NaN stays NaN.
    package static func clamped(_ x: consuming Tensor, low: Float, high: Float) -> Tensor {
        change(x) { loop_clamp($0, $1, low, high) }
    }

    package static func activated(_ x: consuming Tensor, _ activation: Activation) -> Tensor {
        change(x) { loop_bias_activation($0, $1, 0, activation.code) }
    }

    /// Softmax over the channels at each position.
    package static func softmaxOverChannels(_ x: consuming Tensor) -> Tensor {
        var x = x
        let channels = x.channels, positions = x.positions
        x.write { target in
            Parallel.ranges(positions, grain: strip) { range in
                forEachStrip(range) { first, count in loop_softmax_channels(target + first, channels, positions, count) }
            }
        }
        return x
    }

    /// `[n, m]` to `[m, n]`; used for weights and other small matrices.
    package static func transposed(_ x: Tensor) -> Tensor {
        let rows = x.shape[0], columns = x.shape[1]
        var values = [Float](repeating: 0, count: x.count)
        for row in 0..<rows { for column in 0..<columns { values[column * rows + row] = x.values[row * columns + column] } }
        return Tensor(shape: [columns, rows], values: values)
    }

    package static func allFinite(_ x: Tensor) -> Bool {
        x.read { loop_all_finite($0, x.count) == 1 }
    }

    private static func combine(
        _ x: consuming Tensor, _ y: Tensor, _ loop: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
    ) -> Tensor {
        var x = x
        precondition(x.shape == y.shape, "\(x.shape) and \(y.shape) do not match")
        let count = x.count
        x.write { target in
            y.read { source in
                Parallel.ranges(count, grain: grain) { loop(target + $0.lowerBound, source + $0.lowerBound, $0.count) }
            }
        }
        return x
    }

    private static func change(_ x: consuming Tensor, _ loop: (UnsafeMutablePointer<Float>, Int) -> Void) -> Tensor {
        var x = x
        let count = x.count
        x.write { target in Parallel.ranges(count, grain: grain) { loop(target + $0.lowerBound, $0.count) } }
        return x
    }
}
