import Foundation

/// How this service writes JSON (RFC 8259).
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
}
