import HTTPTypes

/// HTTP/1.1 requests as RFC 9112 writes them: bytes in, events out; no sockets, no clock. It consumes whole lines and whatever it can
/// of a body; what it leaves unconsumed must be fed again with more behind it. After an error it must not be fed again.
struct MessageParser {
    enum Event {
        case needsBytes  // all that is usable was consumed
        case head(MessageHead)  // now is the time for `limitBody`
        case body(Range<Int>)  // offsets into the fed bytes
        case end  // of the message; the next call begins the next one
    }

    private enum State {
        case requestLine(emptyLinesSeen: Int)
        case fieldLines(RequestLine)
        case fixedBody(remaining: Int)
        case chunkedBody
        case complete
    }

    private var state = State.requestLine(emptyLinesSeen: 0)
    private var lines = LineScanner()
    private var fields = HTTPFields()
    private var headerBytes = 0
    private var chunked: ChunkedDecoder?
    private var maxBodyBytes: Int
    private(set) var method: HTTPRequest.Method?  // of the message under way, as soon as its request line has ended or is refused
    private let limits: HTTPLimits

    init(limits: HTTPLimits) {
        self.limits = limits
        maxBodyBytes = limits.maxBodyBytes
    }

    /// No byte of a message has been consumed and not yet ended.
    var isBetweenMessages: Bool {
        if case .requestLine = state { true } else { false }
    }

    /// Bytes of a body of declared length still to come; a reader may take them off the socket itself and say so by `tookBody`.
    var fixedBodyRemaining: Int? {
        if case .fixedBody(let remaining) = state { remaining } else { nil }
    }

    mutating func tookBody(_ count: Int) {
        guard case .fixedBody(let remaining) = state, count <= remaining else {
            preconditionFailure("took \(count) bytes of a body of which \(fixedBodyRemaining ?? 0) remain")
        }
        state = count == remaining ? .complete : .fixedBody(remaining: remaining - count)
    }

    /// Lowers the limit for the message whose head was just returned.
    /// - Throws: 413 when its declared length is above the limit, before a byte of it is read.
    mutating func limitBody(to bytes: Int) throws(ProtocolError) {
        maxBodyBytes = min(bytes, limits.maxBodyBytes)
        if let declared = fixedBodyRemaining, declared > maxBodyBytes {
            throw ProtocolError(
                .contentTooLarge, "The body of \(declared) bytes is larger than the limit of \(maxBodyBytes) bytes.",
                limit: maxBodyBytes, measured: declared)
        }
    }

    /// - Parameter position: the first byte not yet consumed; moved forward.
    mutating func next(_ input: Span<UInt8>, at position: inout Int) throws(ProtocolError) -> Event {
        while true {
            switch state {
            case .requestLine(let emptyLinesSeen):
                guard let line = try requestLine(in: input, at: &position) else { return .needsBytes }
                if line.isEmpty {
                    // Section 2.2: old clients send a CRLF after a body. One is forgiven, a stream of them is not.
                    guard emptyLinesSeen == 0 else { throw .badRequest("An empty line stands where a request line should.") }
                    state = .requestLine(emptyLinesSeen: 1)
                } else {
                    method = Self.method(input.extracting(line))
                    state = .fieldLines(try RequestLine(input.extracting(line)))
                }
            case .fieldLines(let requestLine):
                let limit = limits.maxHeaderBytes, used = headerBytes
                guard
                    let line = try lines.line(
                        in: input, at: &position, maxBytes: limit - used,
                        tooLong: { measured in
                            ProtocolError(
                                .requestHeaderFieldsTooLarge, "The headers are longer than \(limit) bytes.",
                                limit: limit, measured: used + measured)
                        })
                else { return .needsBytes }
                if line.isEmpty { return .head(try finishHead(requestLine)) }
                headerBytes += line.count
                if fields.count == limits.maxHeaderCount {
                    throw ProtocolError(
                        .requestHeaderFieldsTooLarge, "There are more than \(limits.maxHeaderCount) headers.",
                        limit: limits.maxHeaderCount, measured: fields.count + 1)
                }
                fields.append(try FieldLine.field(input.extracting(line)))
            case .fixedBody(let remaining):
                let count = min(remaining, input.count - position)
                guard count > 0 else { return .needsBytes }
                let range = position..<(position + count)
                position += count
                tookBody(count)
                return .body(range)
            case .chunkedBody:
                switch try chunked?.next(input, at: &position, maxBodyBytes: maxBodyBytes) ?? .end {
                case .needsBytes: return .needsBytes
                case .body(let range): return .body(range)
                case .end:
                    chunked = nil
                    state = .complete
                }
            case .complete:
                state = .requestLine(emptyLinesSeen: 0)
                method = nil
                maxBodyBytes = limits.maxBodyBytes
                return .end
            }
        }
    }

    private mutating func requestLine(in input: Span<UInt8>, at position: inout Int) throws(ProtocolError) -> Range<Int>? {
        // What cannot become a request line is refused at its first byte: a TLS hello, for one, never sends a line end.
        if position < input.count, input[position] != 0x0D, input[position] != 0x0A, !ByteSet.token.contains(input[position]) {
            throw .badRequest("The request line does not start with a method.")
        }
        let limit = limits.maxRequestLineBytes, start = position
        var isLong = false
        do throws(ProtocolError) {
            return try lines.line(in: input, at: &position, maxBytes: limit) { measured in
                isLong = true
                return ProtocolError(.uriTooLong, "The request line is longer than \(limit) bytes.", limit: limit, measured: measured)
            }
        } catch {
            method = Self.method(input.extracting(start..<min(input.count, start + limit)))
            // Not the target is too long (414) where no target has begun.
            if isLong, method == nil { throw .badRequest("The request line does not start with a method and one space.") }
            throw error
        }
    }

    /// What stands before the first space, if it is a token.
    private static func method(_ line: Span<UInt8>) -> HTTPRequest.Method? {
        var end = 0
        while end < line.count, ByteSet.token.contains(line[end]) { end += 1 }
        guard end < line.count, line[end] == 0x20 else { return nil }
        return HTTPRequest.Method(String(line.extracting(0..<end)))
    }

    private mutating func finishHead(_ line: RequestLine) throws(ProtocolError) -> MessageHead {
        let head = try MessageHead(line: line, fields: fields)
        fields = HTTPFields()
        headerBytes = 0
        switch head.framing {
        case .none, .length(0): state = .complete
        case .length(let length): state = .fixedBody(remaining: length)
        case .chunked:
            chunked = ChunkedDecoder(limits: limits)
            state = .chunkedBody
        }
        return head
    }
}
