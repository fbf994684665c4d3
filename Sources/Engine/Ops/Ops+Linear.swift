import CLoops

/// A matrix times all positions of a tensor: a linear layer or 1x1 convolution.
extension Ops {
    /// activation(weight x + bias) at every position; with `sum`, the product is added to it first.
    /// - Parameters:
    ///   - x: inputs
    ///   - weight: `[outputs, inputs]` or `[outputs, inputs, 1, 1]`
    ///   - bias: `[outputs]`
    ///   - inPlace: whether the result may take the place of `sum`, which nothing else holds
    /// - Returns: `[outputs, ...]`
    package static func linear(
        _ x: Channels, weight: Weight, bias: Tensor? = nil, activation: Activation = .identity, addedTo sum: consuming Tensor? = nil,
        inPlace: Bool = false
    ) -> Tensor {
        result([weight.shape[0]] + x.shape.dropFirst(), addedTo: consume sum, inPlace: inPlace) {
            multiply(x, weight: weight, bias: bias, ending: .activation(activation), into: $0, sum: $1)
        }
    }

    /// value * gelu(gate) of [value; gate] = weight x + bias at every position, with the exact (erf) GELU.
    /// - Parameters:
    ///   - x: inputs
    ///   - weight: `[2 outputs, inputs]`
    ///   - bias: `[2 outputs]`
    /// - Returns: `[outputs, ...]`
    package static func geglu(_ x: Channels, weight: Weight, bias: Tensor? = nil) -> Tensor {
        .uninitialized([weight.shape[0] / 2] + x.shape.dropFirst()) {
            multiply(x, weight: weight, bias: bias, ending: .gate, into: $0, sum: nil)
        }
    }

    private static func multiply(
        _ x: Channels, weight: Weight, bias: Tensor?, ending: BlockProduct.Ending, into target: UnsafeMutablePointer<Float>,
        sum: UnsafePointer<Float>?
    ) {
        let positions = x.positions, runs = x.runs, product = BlockProduct(weight, bias: bias, ending: ending, positions: positions)
        precondition(weight.count == weight.shape[0] * x.count, "linear layer \(weight.shape) got \(x.shape)")
        x.read { places in
            product(target, sum: sum, chunks: (0..<positions).pieces(of: product.chunk), grain: 64) { rows, columns, blocks, distance in
                for run in runs {
                    let own = rows.clamped(to: run.channels)
                    if own.isEmpty { continue }
                    loop_block_columns(
                        blocks + (own.lowerBound - rows.lowerBound) * Int(LOOP_BLOCK_COLUMNS), places[own.lowerBound] + columns.lowerBound,
                        run.distance,
                        own.count, distance, columns.count)
                }
            }
        }
    }
}
