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

    /// Milliseconds, UTC: 2025-01-31T12:34:56.789Z.
    static func rfc3339(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
