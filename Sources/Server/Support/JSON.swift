// JSON.swift: how this service writes JSON (RFC 8259) and times (RFC 3339).

import Foundation

enum JSON {
    /// Members in alphabetical order, slashes as they are.
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// For this module's own documents. They hold texts, whole numbers and times, which never fail to encode, and measured
    /// floating-point numbers, which do only when not finite; an empty object is then all that can be said.
    static func encodeOrEmpty(_ value: some Encodable) -> Data {
        (try? encode(value)) ?? Data("{}".utf8)
    }

    static func bytes(_ value: some JSONWritable) -> [UInt8] {
        var json = JSONWriter()
        json.value(value)
        return json.bytes
    }

    /// Nearest millisecond, UTC: 2025-01-31T12:34:56.789Z. Foundation's formatting takes a hundred times as long.
    static func rfc3339(_ date: Date) -> String {
        // The years that section 5.6 has digits for; NaN becomes the first of them.
        let range = -62_167_219_200_000.0...253_402_300_799_999.0
        let milliseconds = Int(max(range.lowerBound, min((date.timeIntervalSince1970 * 1000).rounded(), range.upperBound)))
        let (second, fraction) = (milliseconds / 1000, milliseconds % 1000)
        var time = time_t(fraction < 0 ? second - 1 : second)
        var parts = tm()
        gmtime_r(&time, &parts)
        return String(unsafeUninitializedCapacity: 24) { text in
            func put(_ number: Int32, _ digits: Int, at start: Int) {
                var rest = number
                for index in stride(from: start + digits - 1, through: start, by: -1) {
                    text[index] = 0x30 + UInt8(rest % 10)
                    rest /= 10
                }
            }
            put(parts.tm_year + 1900, 4, at: 0)
            put(parts.tm_mon + 1, 2, at: 5)
            put(parts.tm_mday, 2, at: 8)
            put(parts.tm_hour, 2, at: 11)
            put(parts.tm_min, 2, at: 14)
            put(parts.tm_sec, 2, at: 17)
            put(Int32(fraction < 0 ? fraction + 1000 : fraction), 3, at: 20)
            (text[4], text[7], text[10], text[13], text[16], text[19], text[23]) = (0x2D, 0x2D, 0x54, 0x3A, 0x3A, 0x2E, 0x5A)
            return 24
        }
    }
}
