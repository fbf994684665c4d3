import CKernels
import Foundation

/// How a weight is stored in a file.
package enum StoredType: String, Sendable {
    case f32 = "F32", f16 = "F16", bf16 = "BF16"

    package var bytes: Int { self == .f32 ? 4 : 2 }

    /// `count` little-endian numbers at any alignment, as float32.
    func decode(_ count: Int, at source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<Float>) {
        switch self {
        case .f32: UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: count * 4)
        case .f16: ck_from_f16(target, source, count)
        case .bf16: ck_from_bf16(target, source, count)
        }
    }
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
                    type.decode(part.count, at: source + part.lowerBound * type.bytes, into: target + part.lowerBound)
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
