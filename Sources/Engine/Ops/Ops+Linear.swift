import CKernels

extension Ops {
    /// activation(weight x + bias) at every position; with `sum`, the product is added to it first.
    /// - Parameters:
    ///   - x: `[inputs, ...]`
    ///   - weight: `[outputs, inputs]` or `[outputs, inputs, 1, 1]`
    ///   - bias: `[outputs]`
    /// - Returns: `[outputs, ...]`
    package static func linear(
        _ x: Tensor, weight: Weight, bias: Tensor? = nil, activation: Activation = .identity, addedTo sum: Tensor? = nil
    ) -> Tensor {
        let inputs = x.channels, outputs = weight.shape[0], positions = x.positions
        precondition(weight.count == outputs * inputs, "linear layer \(weight.shape) got \(x.shape)")
        let shape = [outputs] + x.shape.dropFirst()
        let product = BlockProduct(weight, bias: bias, activation: activation, positions: positions)

        func fill(_ target: UnsafeMutablePointer<Float>, _ sum: UnsafePointer<Float>?) {
            x.read { source in
                product(target, sum: sum, chunks: (0..<positions).pieces(of: product.chunk), grain: 64) { rows, columns, blocks, distance in
                    ck_block_columns(blocks, source + rows.lowerBound * positions + columns.lowerBound, positions, rows.count, distance, columns.count)
                }
            }
        }

        guard let sum else { return .uninitialized(shape) { fill($0, nil) } }
        precondition(sum.shape == shape, "sum \(sum.shape) of a product \(shape)")
        return .uninitialized(shape) { target in sum.read { fill(target, $0) } }
    }
}
