import CLinux
import Foundation

/// What is wrong with a multipart body: an answer of 400, or 415 for `notMultipart`.
public enum MultipartError: Error, Equatable, Sendable {
    case notMultipart, missingBoundary, noParts, unterminated
    case invalidBoundary(String)
    case malformedPart(reason: String)
    case tooManyParts(limit: Int)

    public var detail: String {
        switch self {
        case .notMultipart: "The Content-Type is not multipart/form-data."
        case .missingBoundary: "The Content-Type multipart/form-data has no boundary parameter."
        case .invalidBoundary(let text):
            "The multipart boundary '\(text.prefix(80))' is not 1 to 70 characters that RFC 2046 allows, quoted where they are no token."
        case .noParts: "The multipart body has no part; each begins with a line of -- and the boundary."
        case .unterminated: "The multipart body does not end in -- the boundary and --; it may have been cut off."
        case .malformedPart(let reason): "A part of the multipart body is malformed: \(reason)"
        case .tooManyParts(let limit): "The multipart body has more than \(limit) parts."
        }
    }
}

/// RFC 7578, multipart/form-data, over a body that is here whole. Nothing is copied: each part is a slice of the body.
public enum Multipart {
    public struct Part: Sendable, Equatable {
        public let name: String
        public let filename: String?  // as sent; not a path to be trusted
        public let contentType: String?  // nil means text/plain (section 4.4)
        public let data: Data  // a slice: its startIndex need not be 0
    }

    public static let maxParts = 64
    private static let maxPartHeaderBytes = 16 << 10

    /// - Parameter contentType: of the request, with its boundary parameter.
    /// - Returns: at least one part, in order. The preamble and the epilogue are dropped (RFC 2046 section 5.1.1).
    public static func parts(body: Data, contentType: String) throws(MultipartError) -> [Part] {
        let boundary = try boundary(contentType)
        let bytes = body.span
        let delimiter = Array("\r\n--".utf8) + boundary
        guard var current = firstDelimiter(delimiter, in: bytes) else { throw .noParts }
        var parts: [Part] = []
        while !current.isLast {
            guard parts.count < maxParts else { throw .tooManyParts(limit: maxParts) }
            // The CRLF that ends a delimiter's line may also begin the next delimiter.
            guard let next = nextDelimiter(delimiter, in: bytes, from: current.end - 2) else { throw .unterminated }
            guard next.start >= current.end else { throw .malformedPart(reason: "it is empty.") }
            parts.append(try part(current.end..<next.start, in: bytes, of: body))
            current = next
        }
        guard !parts.isEmpty else { throw .noParts }
        return parts
    }

    private struct Delimiter {
        let start: Int  // of the CRLF before it
        let end: Int  // behind the CRLF after it, or behind its last `--`
        let isLast: Bool
    }

    /// Whether a Content-Type means a form, also one whose parameters cannot be read: its sender is to be told of those.
    public static func isForm(_ contentType: String) -> Bool {
        contentType.prefix { $0 != ";" }.trimmingOptionalWhitespace().lowercased() == "multipart/form-data"
    }

    private static func boundary(_ contentType: String) throws(MultipartError) -> [UInt8] {
        guard isForm(contentType) else { throw .notMultipart }
        guard let type = MediaType(contentType) else {
            throw .invalidBoundary(contentType.drop { $0 != ";" }.dropFirst().trimmingOptionalWhitespace().description)
        }
        guard let text = type.parameter("boundary") else { throw .missingBoundary }
        let boundary = Array(text.utf8)
        guard (1...70).contains(boundary.count), boundary.last != 0x20, boundary.allSatisfy(ByteSet.boundary.contains) else {
            throw .invalidBoundary(text)
        }
        return boundary
    }

    /// The first one may stand at the very beginning, where no CRLF precedes it.
    private static func firstDelimiter(_ delimiter: [UInt8], in bytes: Span<UInt8>) -> Delimiter? {
        let bare = delimiter.count - 2
        if bytes.count >= bare, (0..<bare).allSatisfy({ bytes[$0] == delimiter[$0 + 2] }),
            let first = delimiterLine(start: 0, textEnd: bare, in: bytes)
        {
            return first
        }
        return nextDelimiter(delimiter, in: bytes, from: 0)
    }

    private static func nextDelimiter(_ delimiter: [UInt8], in bytes: Span<UInt8>, from: Int) -> Delimiter? {
        var start = from
        while let found = find(delimiter, in: bytes, from: start) {
            if let line = delimiterLine(start: found, textEnd: found + delimiter.count, in: bytes) { return line }
            start = found + 1  // a longer boundary of somebody else's, inside the content
        }
        return nil
    }

    /// Behind the boundary: `--`, or padding and CRLF. Nil when something else follows, which makes it content.
    private static func delimiterLine(start: Int, textEnd: Int, in bytes: Span<UInt8>) -> Delimiter? {
        if textEnd + 1 < bytes.count, bytes[textEnd] == 0x2D, bytes[textEnd + 1] == 0x2D {
            return Delimiter(start: start, end: textEnd + 2, isLast: true)
        }
        var end = textEnd
        while end < bytes.count, isOptionalWhitespace(bytes[end]) { end += 1 }
        guard end + 1 < bytes.count, bytes[end] == 0x0D, bytes[end + 1] == 0x0A else { return nil }
        return Delimiter(start: start, end: end + 2, isLast: false)
    }

    private static func part(_ range: Range<Int>, in bytes: Span<UInt8>, of body: Data) throws(MultipartError) -> Part {
        var name: String?, filename: String?, contentType: String?
        var lines = LineScanner()
        var position = 0
        var folded: [UInt8] = []  // a field's lines so far, put together
        let part = bytes.extracting(range)
        do throws(ProtocolError) {
            while true {
                guard
                    let line = try lines.line(
                        in: part, at: &position, maxBytes: maxPartHeaderBytes,
                        tooLong: { _ in
                            .badRequest("a header line is longer than \(maxPartHeaderBytes) bytes.")
                        })
                else { throw .badRequest("no empty line ends its headers.") }
                if position > maxPartHeaderBytes { throw .badRequest("its headers are longer than \(maxPartHeaderBytes) bytes.") }
                let isEnd = line.isEmpty
                if !isEnd, !folded.isEmpty, isOptionalWhitespace(part[line.lowerBound]) {
                    // RFC 5322 section 2.2.3, which RFC 2046 builds on: a line that begins with white space goes on.
                    folded += part.extracting(line).withUnsafeBufferPointer { Array($0) }
                    continue
                }
                if !folded.isEmpty {
                    let field = try FieldLine.field(folded.span)
                    switch field.name {
                    case .contentDisposition: (name, filename) = try disposition(field.value)
                    case .contentType: contentType = field.value
                    default: break  // section 4.8: others are ignored
                    }
                }
                if isEnd { break }
                folded = part.extracting(line).withUnsafeBufferPointer { Array($0) }
            }
        } catch {
            throw .malformedPart(reason: error.detail)
        }
        guard let name else { throw .malformedPart(reason: "it has no Content-Disposition: form-data with a name.") }
        let start = body.startIndex + range.lowerBound + position
        return Part(name: name, filename: filename, contentType: contentType, data: body[start..<(body.startIndex + range.upperBound)])
    }

    /// Section 4.2. `filename*` must not be used there, and is ignored.
    private static func disposition(_ value: String) throws(ProtocolError) -> (name: String, filename: String?) {
        var scanner = FieldValueScanner(value)
        guard scanner.token()?.lowercased() == "form-data", let parameters = scanner.parameters(ofForm: true),
            let name = parameters.first(where: { $0.name == "name" })?.value
        else { throw .badRequest("its Content-Disposition is not form-data with a name.") }
        return (name, parameters.first { $0.name == "filename" }?.value)
    }

    private static func find(_ needle: [UInt8], in bytes: Span<UInt8>, from start: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            guard start < bytes.count, let base = bytes.baseAddress,
                let found = memmem(base + start, bytes.count - start, needle, needle.count)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
