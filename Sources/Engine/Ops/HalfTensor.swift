import CLoops

/// A tensor kept for later in half of the memory, at 11 significant bits.
struct HalfTensor: Sendable {
    private let shape: [Int]
    private let values: [UInt16]  // IEEE 754 binary16

    init(_ tensor: Tensor) {
        shape = tensor.shape
        values = [UInt16](unsafeUninitializedCapacity: tensor.count) { target, count in
            if let base = target.baseAddress { tensor.read { loop_to_f16(base, $0, tensor.count) } }
            count = tensor.count
        }
    }

    var tensor: Tensor {
        .uninitialized(shape) { target in
            values.withUnsafeBytes { bytes in
                if let base = bytes.bindMemory(to: UInt8.self).baseAddress { loop_from_f16(target, base, values.count) }
            }
        }
    }
}
