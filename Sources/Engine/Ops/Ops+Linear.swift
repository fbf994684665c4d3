import CKernels

extension Ops {
    /// Positions of one band of a product: enough to keep the matrix product efficient, few enough to share among cores.
    private static let bandPositions = 1024

    /// activation(weight x + bias) at every position; with `accumulator`, the product is added to its values first.
    /// - Parameters:
    ///   - x: `[inputs, ...]`
    ///   - weight: `[outputs, inputs]` or `[outputs, inputs, 1, 1]`
    ///   - bias: `[outputs]`
    /// - Returns: `[outputs, ...]`
    package static func linear(
        _ x: Tensor, weight: Tensor, bias: Tensor? = nil, activation: Activation = .identity, addedTo accumulator: consuming Tensor? = nil
    ) -> Tensor {
        let inputs = x.channels, outputs = weight.shape[0], positions = x.positions
        precondition(weight.count == outputs * inputs, "linear layer \(weight.shape) got \(x.shape)")
        let shape = [outputs] + x.shape.dropFirst()
        let beta: Float = accumulator == nil ? 0 : 1

        func fill(_ target: UnsafeMutablePointer<Float>) {
            x.read { source in
                weight.read { matrix in
                    func product(_ rows: Range<Int>, _ columns: Range<Int>) {
                        MatrixProduct.multiply(
                            m: rows.count, n: columns.count, k: inputs, matrix + rows.lowerBound * inputs, lda: inputs,
                            source + columns.lowerBound, ldb: positions,
                            into: target + rows.lowerBound * positions + columns.lowerBound, ldc: positions, beta: beta)
                        finish(target, rows, columns, stride: positions, bias: bias, activation: activation)
                    }
                    // Few positions: the outputs are shared out instead, so that every core has work.
                    if positions >= bandPositions * 2 {
                        Parallel.ranges(positions, grain: bandPositions) { product(0..<outputs, $0) }
                    } else {
                        Parallel.ranges(outputs, grain: 32) { product($0, 0..<positions) }
                    }
                }
            }
        }

        guard var sum = accumulator else { return .uninitialized(shape, fill: fill) }
        precondition(sum.shape == shape, "sum \(sum.shape) of a product \(shape)")
        sum.write(fill)
        return sum
    }

    /// Adds the bias and applies the activation to a block of a product that has just been computed.
    static func finish(
        _ target: UnsafeMutablePointer<Float>, _ rows: Range<Int>, _ columns: Range<Int>, stride: Int, bias: Tensor?, activation: Activation
    ) {
        if bias == nil && activation == .identity { return }
        for row in rows {
            ck_bias_activation(target + row * stride + columns.lowerBound, columns.count, bias?.values[row] ?? 0, activation.code)
        }
    }
}
