import Foundation

/// Stored numbers to float32.
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
}

extension SafetensorsFile {
    /// Values of a tensor as float32, in its stored shape.
    package func tensor(_ entry: Entry) -> Tensor {
        Ops.decoded(bytes(of: entry), as: entry.type, shape: entry.shape)
    }
}
