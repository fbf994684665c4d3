/// The path and query of a request target, percent-decoded (RFC 3986 sections 2.1 and 3.3). `*` stays `*`.
/// In the path an encoded slash stays %2F: it separates no segments (section 2.2), and a proxy that looks at the raw path must not be
/// guarding another one than that which is served.
public struct RequestTarget: Sendable {
    public let path: String
    public let query: [(name: String, value: String)]  // in order, duplicates kept; `+` means space, as HTML forms write it

    /// - Parameter target: origin-form without fragment, e.g. `/v1/jobs?state=queued`.
    /// - Throws: 400 for a broken escape, for an escape that is not UTF-8, and for `%00`.
    public init(_ target: String) throws(ProtocolError) {
        let utf8 = target.utf8
        let mark = utf8.firstIndex(of: 0x3F)
        path = try Self.decoded(target[..<(mark ?? utf8.endIndex)], plusIsSpace: false)
        guard let mark else {
            query = []
            return
        }
        var pairs: [(name: String, value: String)] = []
        for pair in target[utf8.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: true) {
            let equals = pair.utf8.firstIndex(of: 0x3D)
            let value = equals.map { pair[pair.utf8.index(after: $0)...] } ?? ""
            let name = try Self.decoded(pair[..<(equals ?? pair.endIndex)], plusIsSpace: true)
            pairs.append((name, try Self.decoded(value, plusIsSpace: true)))
        }
        query = pairs
    }

    private static func decoded(_ text: Substring, plusIsSpace: Bool) throws(ProtocolError) -> String {
        guard text.utf8.contains(where: { $0 == 0x25 || (plusIsSpace && $0 == 0x2B) }) else { return String(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case 0x25:
                guard let high = rest.next().flatMap(hexadecimalValue), let low = rest.next().flatMap(hexadecimalValue) else {
                    throw .badRequest("The target has a % that two hexadecimal digits do not follow.")
                }
                guard high | low != 0 else { throw .badRequest("The target contains %00.") }
                let decoded = UInt8(high << 4 | low)
                bytes += decoded == 0x2F && !plusIsSpace ? Array("%2F".utf8) : [decoded]
            case 0x2B where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .badRequest("The target's escapes are not UTF-8.") }
        return decoded
    }
}
