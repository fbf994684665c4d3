import HTTPTypes

/// Status line and fields as RFC 9112 sections 4 and 5 write them. `HTTPFields` admits no byte that could end a line early.
enum ResponseSerializer {
    static let interimContinue: [UInt8] = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// - Parameters:
    ///   - date: an IMF-fixdate, used when the response has none of its own.
    ///   - bodyLength: of the representation, also where its bytes are not sent; nil when it is not known.
    ///   - isChunked: how a body of unknown length is framed; if not, closing ends it.
    static func appendHead(
        of response: Response, date: [UInt8], bodyLength: Int?, isChunked: Bool = true, isHead: Bool, closes: Bool, to bytes: inout [UInt8]
    ) {
        append("HTTP/1.1 ", to: &bytes)
        append(number: response.status.code, to: &bytes)
        bytes.append(0x20)
        append(response.status.reasonPhrase, to: &bytes)
        append("\r\n", to: &bytes)

        let length = contentLength(of: response, bodyLength: bodyLength, isHead: isHead)
        var hasDate = false
        for field in response.fields {
            switch field.name {
            case .connection, .transferEncoding: continue  // persistence and framing are the server's
            case .contentLength where length != .asSet: continue
            case .date: hasDate = true
            default: break
            }
            append(field.name.rawName, to: &bytes)
            append(": ", to: &bytes)
            field.withUnsafeBytesOfValue { bytes.append(contentsOf: $0) }
            append("\r\n", to: &bytes)
        }
        if case .bytes(let count) = length {
            append("Content-Length: ", to: &bytes)
            append(number: count, to: &bytes)
            append("\r\n", to: &bytes)
        }
        if bodyLength == nil, isChunked, !isHead { append("Transfer-Encoding: chunked\r\n", to: &bytes) }
        if !hasDate {
            append("Date: ", to: &bytes)
            bytes.append(contentsOf: date)
            append("\r\n", to: &bytes)
        }
        append(closes ? "Connection: close\r\n\r\n" : "\r\n", to: &bytes)
    }

    private enum ContentLength: Equatable { case bytes(Int), asSet, none }

    /// RFC 9110 section 8.6: never in 1xx and 204; in 304 and for HEAD, what GET would say, or nothing when that is unknown.
    private static func contentLength(of response: Response, bodyLength: Int?, isHead: Bool) -> ContentLength {
        guard let bodyLength, response.status.code >= 200, response.status.code != 204 else { return .none }
        if isHead || response.status.code == 304, bodyLength == 0 { return .asSet }
        return .bytes(bodyLength)
    }

    @inline(__always)
    private static func append(_ text: StaticString, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @_disfavoredOverload
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private static func append(number: Int, to bytes: inout [UInt8]) {
        append(String(number), to: &bytes)
    }
}
