import HTTPTypes

enum HTTPVersion: Sendable, Equatable { case http10, http11 }

/// RFC 9112 section 3: `method SP request-target SP HTTP-version`, with exactly one space each.
struct RequestLine: Sendable {
    let method: HTTPRequest.Method
    let target: String  // raw, only the characters of `ByteSet.target`
    let version: HTTPVersion

    init(_ line: Span<UInt8>) throws(ProtocolError) {
        let token = ByteSet.token, targetBytes = ByteSet.target
        var methodEnd = 0
        while methodEnd < line.count, token.contains(line[methodEnd]) { methodEnd += 1 }
        guard methodEnd > 0, methodEnd < line.count, line[methodEnd] == 0x20 else {
            throw .badRequest("The request line does not start with a method and one space.")
        }
        var targetEnd = methodEnd + 1
        while targetEnd < line.count, targetBytes.contains(line[targetEnd]) { targetEnd += 1 }
        guard targetEnd > methodEnd + 1 else { throw .badRequest("The request line has no target after its method.") }
        guard targetEnd < line.count else { throw .badRequest("The request line has no HTTP version.") }
        guard line[targetEnd] == 0x20 else {
            throw .badRequest("The request target contains the byte \(line[targetEnd]); percent-encode it.")
        }
        version = try Self.version(line.extracting((targetEnd + 1)..<line.count))
        guard let method = HTTPRequest.Method(String(line.extracting(0..<methodEnd))) else {
            throw .badRequest("The method is not a token.")
        }
        self.method = method
        target = String(line.extracting((methodEnd + 1)..<targetEnd))
    }

    /// RFC 9112 section 2.3: `HTTP/` DIGIT `.` DIGIT, case-sensitive. The HTTP/2 preface `PRI * HTTP/2.0` ends here too.
    private static func version(_ bytes: Span<UInt8>) throws(ProtocolError) -> HTTPVersion {
        let prefix: StaticString = "HTTP/"
        guard bytes.count == 8, bytes[6] == 0x2E, (0x30...0x39).contains(bytes[5]), (0x30...0x39).contains(bytes[7]),
            prefix.withUTF8Buffer({ prefix in (0..<5).allSatisfy { prefix[$0] == bytes[$0] } })
        else { throw .badRequest("The request line does not end in one space and HTTP/1.1 or HTTP/1.0.") }
        switch (bytes[5], bytes[7]) {
        case (0x31, 0x31): return .http11
        case (0x31, 0x30): return .http10
        default: throw ProtocolError(.httpVersionNotSupported, "This server speaks HTTP/1.1 and HTTP/1.0.")
        }
    }
}
