import CLoops

/// The operations of the network on tensors. This room alone calls OpenBLAS, and with `Files` the loops in C.
///
/// Every operation has a slow twin of the same signature in `Tests/LoopReference`. Shapes are checked by precondition: a wrong one is
/// an error of the model code, never of the input.
package enum Ops {}

/// What a loop applies to its result while that is still in cache.
package enum Activation: Sendable {
    case identity, relu, silu

    var code: Int32 {
        switch self {
        case .identity: Int32(LOOP_IDENTITY)
        case .relu: Int32(LOOP_RELU)
        case .silu: Int32(LOOP_SILU)
        }
    }
}

extension Tensor {
    /// A tensor whose values `fill` writes, every one of them.
    static func uninitialized(_ shape: [Int], fill: (UnsafeMutablePointer<Float>) -> Void) -> Tensor {
        let count = shape.reduce(1, *)
        precondition(count > 0, "empty tensor \(shape)")
        return Tensor(
            shape: shape,
            values: [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                if let base = buffer.baseAddress { fill(base) }
                initialized = count
            })
    }

    func read<Result>(_ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
        try values.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("tensor \(shape) has no values") }
            return try body(base)
        }
    }

    mutating func write<Result>(_ body: (UnsafeMutablePointer<Float>) throws -> Result) rethrows -> Result {
        let shape = shape
        return try values.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("tensor \(shape) has no values") }
            return try body(base)
        }
    }
}
