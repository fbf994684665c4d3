// ContentHash.swift: what identifies a picture's bytes.

import Crypto
import Foundation

enum ContentHash {
    /// SHA-256 (FIPS 180-4), 64 lowercase hexadecimal digits.
    static func of(_ bytes: Data) -> String {
        SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
