import CKernels
import Foundation

/// How a weight is stored in a file.
package enum StoredType: String, Sendable {
    case f32 = "F32", f16 = "F16", bf16 = "BF16"

    package var bytes: Int { self == .f32 ? 4 : 2 }
}

extension Ops {
    /// The float32 values of little-endian numbers at any alignment.
    /// - Parameter bytes: exactly `shape`'s count of numbers
    package static func decoded(_ bytes: Data, as type: StoredType, shape: [Int]) -> Tensor {
        let count = shape.reduce(1, *)
        precondition(bytes.count == count * type.bytes, "\(bytes.count) bytes for \(shape) of \(type.rawValue)")
        return .uninitialized(shape) { target in
            bytes.withUnsafeBytes { raw in
                guard let source = raw.bindMemory(to: UInt8.self).baseAddress else { return }
                Parallel.ranges(count, grain: 1 << 16) { part in
                    let to = target + part.lowerBound, from = source + part.lowerBound * type.bytes
                    switch type {
                    case .f32: UnsafeMutableRawPointer(to).copyMemory(from: from, byteCount: part.count * 4)
                    case .f16: ck_from_f16(to, from, part.count)
                    case .bf16: ck_from_bf16(to, from, part.count)
                    }
                }
            }
        }
    }

    /// 64-bit fingerprint of bytes, continuing from `seed`: tells files apart, resists nobody.
    package static func fingerprint(of bytes: Data, seed: UInt64) -> UInt64 {
        bytes.withUnsafeBytes { raw in
            guard let base = raw.bindMemory(to: UInt8.self).baseAddress else { return seed }
            return ck_fingerprint(seed, base, raw.count)
        }
    }
}
