import HTTPTypes

/// Where the message ends: RFC 9112 section 6. Whatever two readers could understand differently is refused.
enum MessageFraming: Sendable, Equatable {
    case none
    case length(Int)  // 0 when declared so
    case chunked

    init(fields: HTTPFields, version: HTTPVersion) throws(ProtocolError) {
        let hasLength = fields.contains(.contentLength)
        if fields.contains(.transferEncoding) {
            if hasLength { throw .badRequest("Transfer-Encoding and Content-Length exclude each other.") }
            if version == .http10 { throw .badRequest("HTTP/1.0 has no Transfer-Encoding.") }
            try Self.requireChunked(fields[values: .transferEncoding])
            self = .chunked
        } else if hasLength {
            self = .length(try Self.length(fields[values: .contentLength]))
        } else {
            self = .none
        }
    }

    /// Section 6.1: chunked must be the last coding and stand once; any other coding is 501.
    private static func requireChunked(_ values: [String]) throws(ProtocolError) {
        let codings = values.flatMap { $0.lowercased().split(separator: ",", omittingEmptySubsequences: false) }
            .map { $0.trimmingOptionalWhitespace() }
        if codings == ["chunked"] { return }
        if let unknown = codings.first(where: { !$0.isEmpty && $0 != "chunked" && !$0.hasPrefix("chunked;") }), codings.last == "chunked" {
            throw ProtocolError(.notImplemented, "The transfer coding \(unknown) is not implemented; send chunked alone.")
        }
        if codings.allSatisfy({ !$0.isEmpty && !$0.hasPrefix("chunked") }) {
            throw ProtocolError(
                .notImplemented, "The transfer coding \(codings.joined(separator: ", ")) is not implemented; send chunked alone.")
        }
        throw .badRequest("Transfer-Encoding must name chunked once, last and without parameters.")
    }

    /// Section 6.3 item 5: a list of one and the same number counts as that number; anything else is an error.
    private static func length(_ values: [String]) throws(ProtocolError) -> Int {
        var length: Int?
        for value in values {
            for element in value.split(separator: ",", omittingEmptySubsequences: false) {
                let digits = element.trimmingOptionalWhitespace()
                guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                    throw .badRequest("Content-Length is not a decimal number.")
                }
                // No body is so long: not too large (413), but no length (RFC 9110 section 8.6 asks to anticipate the overflow).
                guard let number = Int(digits) else { throw .badRequest("Content-Length does not fit into 63 bits.") }
                if let length, length != number { throw .badRequest("Content-Length is given as \(length) and as \(number).") }
                length = number
            }
        }
        guard let length else { throw .badRequest("Content-Length is empty.") }
        return length
    }
}

extension Substring {
    /// RFC 9110 section 5.6.3: OWS is spaces and tabs, nothing else that Unicode calls white.
    func trimmingOptionalWhitespace() -> Substring {
        guard let first = utf8.firstIndex(where: { !isOptionalWhitespace($0) }),
            let last = utf8.lastIndex(where: { !isOptionalWhitespace($0) })
        else { return self[endIndex...] }
        return self[first...last]
    }
}
