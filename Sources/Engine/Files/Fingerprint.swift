import CLoops
import Foundation

/// 64 bits that tell files apart. Resists nobody who wants two files to have the same.
package enum Fingerprint {
    /// The fingerprint of bytes, continuing from that of those before them.
    package static func of(_ bytes: Data, seed: UInt64) -> UInt64 {
        bytes.withUnsafeBytes { raw in
            guard let base = raw.bindMemory(to: UInt8.self).baseAddress else { return seed }
            return loop_fingerprint(seed, base, raw.count)
        }
    }
}
