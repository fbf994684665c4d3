/// RFC 9112 section 7.1: chunk sizes in, body bytes out. Extensions and trailers are checked and dropped.
struct ChunkedDecoder: Sendable {
    enum Event: Equatable { case needsBytes, body(Range<Int>), end }

    private enum State { case size, data(remaining: Int), dataEnd, trailers }

    private var state = State.size
    private var lines = LineScanner()
    private var bodyBytes = 0
    private var sideBytes = 0  // extensions and trailers, which carry nothing but cost time
    private var trailerCount = 0
    private let maxSideBytes: Int
    private let maxTrailerCount: Int
    private static let maxSizeLineBytes = 1_024

    init(limits: HTTPLimits) {
        maxSideBytes = limits.maxHeaderBytes
        maxTrailerCount = limits.maxHeaderCount
    }

    /// - Parameter position: first byte not yet consumed; moved forward.
    /// - Throws: 400 for broken framing, 413 above `maxBodyBytes`, 431 for too many extensions or trailers.
    mutating func next(_ input: Span<UInt8>, at position: inout Int, maxBodyBytes: Int) throws(ProtocolError) -> Event {
        while true {
            switch state {
            case .size:
                guard
                    let range = try lines.line(
                        in: input, at: &position, maxBytes: Self.maxSizeLineBytes,
                        tooLong: { _ in
                            .badRequest("A chunk's size line is longer than \(Self.maxSizeLineBytes) bytes.")
                        })
                else { return .needsBytes }
                let size = try size(input.extracting(range))
                guard size <= maxBodyBytes - bodyBytes else {
                    throw ProtocolError(
                        .contentTooLarge, "The chunked body is larger than \(maxBodyBytes) bytes.",
                        limit: maxBodyBytes, measured: bodyBytes + size)
                }
                bodyBytes += size
                state = size == 0 ? .trailers : .data(remaining: size)
            case .data(let remaining):
                let count = min(remaining, input.count - position)
                guard count > 0 else { return .needsBytes }
                let range = position..<(position + count)
                position += count
                state = count == remaining ? .dataEnd : .data(remaining: remaining - count)
                return .body(range)
            case .dataEnd:
                guard position < input.count else { return .needsBytes }
                guard input[position] == 0x0D else { throw .badRequest("A chunk is longer than its size says.") }
                guard position + 1 < input.count else { return .needsBytes }
                guard input[position + 1] == 0x0A else { throw .badRequest("A chunk does not end in CRLF.") }
                position += 2
                state = .size
            case .trailers:
                let limit = maxSideBytes
                guard
                    let range = try lines.line(
                        in: input, at: &position, maxBytes: limit,
                        tooLong: {
                            Self.sideTooLarge($0, limit: limit)
                        })
                else { return .needsBytes }
                if range.isEmpty { return .end }
                _ = try FieldLine.field(input.extracting(range))
                trailerCount += 1
                if trailerCount > maxTrailerCount {
                    throw ProtocolError(
                        .requestHeaderFieldsTooLarge, "There are more than \(maxTrailerCount) trailers.",
                        limit: maxTrailerCount, measured: trailerCount)
                }
                try count(sideBytes: range.count)
            }
        }
    }

    /// `1*HEXDIG [ chunk-ext ]`: at most 15 digits, so that no size overflows.
    private mutating func size(_ line: Span<UInt8>) throws(ProtocolError) -> Int {
        var size = 0, digits = 0
        while digits < line.count, let value = hexadecimalValue(line[digits]) {
            guard digits < 15 else { throw .badRequest("A chunk size has more than 15 digits.") }
            size = size << 4 | value
            digits += 1
        }
        guard digits > 0 else { throw .badRequest("A chunk size is not a hexadecimal number.") }
        if digits == line.count { return size }
        try Self.checkExtensions(line.extracting(digits..<line.count))
        try count(sideBytes: line.count - digits)
        return size
    }

    /// Section 7.1.1: `*( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )`. What is dropped is checked all the same: two
    /// readers that disagree about where an extension ends disagree about the message.
    private static func checkExtensions(_ span: Span<UInt8>) throws(ProtocolError) {
        let text = span.withUnsafeBufferPointer { Array($0) }
        var index = 0
        func skipWhitespace() { while index < text.count, isOptionalWhitespace(text[index]) { index += 1 } }
        func skipToken() -> Bool {
            let start = index
            while index < text.count, ByteSet.token.contains(text[index]) { index += 1 }
            return index > start
        }
        func take(_ byte: UInt8) -> Bool {
            let start = index
            skipWhitespace()
            guard index < text.count, text[index] == byte else {
                index = start
                return false
            }
            index += 1
            return true
        }
        while index < text.count {
            guard take(0x3B) else { throw .badRequest("Something other than an extension follows a chunk size.") }
            skipWhitespace()
            guard skipToken() else { throw .badRequest("A chunk extension has no name.") }
            guard take(0x3D) else { continue }
            skipWhitespace()
            if take(0x22) {
                while index < text.count, text[index] != 0x22 {
                    if text[index] == 0x5C { index += 1 }
                    guard index < text.count, isFieldValueByte(text[index]) else { break }
                    index += 1
                }
                guard index < text.count, text[index] == 0x22 else { throw .badRequest("A chunk extension's quoted value does not end.") }
                index += 1
            } else if !skipToken() {
                throw .badRequest("A chunk extension has = and no value.")
            }
        }
    }

    private mutating func count(sideBytes count: Int) throws(ProtocolError) {
        sideBytes += count
        if sideBytes > maxSideBytes { throw Self.sideTooLarge(sideBytes, limit: maxSideBytes) }
    }

    private static func sideTooLarge(_ measured: Int, limit: Int) -> ProtocolError {
        ProtocolError(
            .requestHeaderFieldsTooLarge, "Chunk extensions and trailers are longer than \(limit) bytes.",
            limit: limit, measured: measured)
    }
}
