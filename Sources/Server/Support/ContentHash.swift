// ContentHash.swift: SHA-256 as 64 hexadecimal digits.

import Crypto
import Foundation

enum ContentHash {
    static func of(_ data: Data) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: SHA256.hash(data: data).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Of several texts in order; none of them can run into the next.
    static func of(_ parts: [String]) -> String {
        of(Data(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8))
    }
}
