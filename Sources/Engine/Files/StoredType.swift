import CLoops

/// How a weight is stored in a file.
package enum StoredType: String, Sendable {
    case f32 = "F32", f16 = "F16", bf16 = "BF16"

    package var bytes: Int { self == .f32 ? 4 : 2 }

    /// `count` little-endian numbers at any alignment, as float32.
    func decode(_ count: Int, at source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<Float>) {
        switch self {
        case .f32: UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: count * 4)
        case .f16: loop_from_f16(target, source, count)
        case .bf16: loop_from_bf16(target, source, count)
        }
    }
}
