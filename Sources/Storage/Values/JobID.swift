import Foundation

/// 26 characters that sort by time, e.g. 01JD3Q8ZK5W2M7T9XBRC4V6HNE.
///
/// A 48-bit count of milliseconds since 1970 as 10 digits of Crockford's base 32 (no I, L, O, U), then 80 random bits as 16
/// digits. Only capitals: an id is also a file name, and one job must not have two spellings.
/// Ids made within one millisecond are in no particular order; the order of the queue is `Job.sequence`, not the id.
///
/// The form of a job's identifier.
public enum JobID {
    /// The number of characters in an id.
    public static let length = 26

    /// Digits for the time: 10 of 5 bits hold 48 bits.
    private static let timeDigits = 10
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let digits = Set(alphabet)

    /// A new id.
    /// - Parameter now: the time that the id sorts by; years 1970 to 10889, clamped.
    public static func make(now: Date = Date()) -> String {
        var random = SystemRandomNumberGenerator()
        return make(now: now, using: &random)
    }

    /// A new id whose random half comes from `random`.
    public static func make(now: Date, using random: inout some RandomNumberGenerator) -> String {
        let milliseconds = UInt64(min(max(now.millisecondsSince1970, 0), 1 << 48 - 1))
        let time = (0..<timeDigits).map { digit in
            alphabet[Int(milliseconds >> UInt64(5 * (timeDigits - 1 - digit)) & 31)]
        }
        let rest = (0..<length - timeDigits).map { _ in
            alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        }
        return String(decoding: time + rest, as: UTF8.self)
    }

    /// Whether `text` has the form of an id, and so is safe in a file name.
    public static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.count == length, let first = bytes.first else { return false }
        // 10 digits hold 50 bits; the two highest of the first digit are always 0.
        return first <= UInt8(ascii: "7") && bytes.allSatisfy(digits.contains)
    }
}
