import Foundation

/// SHA-256 (FIPS 180-4) as 64 lowercase hexadecimal digits: what identifies bytes or texts.
enum ContentHash {
    static func of(_ data: Data) -> String {
        SHA256.hash(data).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// The hash of several texts in order; none of them can run into the next.
    static func of(_ parts: [String]) -> String {
        of(Data(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8))
    }
}
