import HTTPTypes

/// Answers one whole request; the reply is to be called exactly once, from any thread, now or later.
public typealias HTTPHandling = @Sendable (Request, @escaping @Sendable (Response) -> Void) -> Void

/// Who sent a request, and the request's name: known before its head is whole, so that what is refused early can be logged like the rest.
public struct RequestOrigin: Sendable {
    public let id: String  // no other request of this process has it
    public let remoteAddress: String  // numeric, without port
}

/// What becomes of a body whose head has been read.
public enum BodyDecision: Sendable {
    /// The smaller of `maxBytes` and `HTTPLimits.maxBodyBytes` holds; more is 413. `then` takes the request with its body, and need not
    /// find out again what the head has shown; nil leaves it to `HTTPHandler.handle`.
    case read(maxBytes: Int, then: HTTPHandling? = nil)
    /// Answered at once; the connection closes, since the body is on its way.
    case reject(Response)
}

/// Why a connection ends without the answer that its client came for: there are more than there is room for.
public enum TurnedAway: String, Sendable, CaseIterable {
    case idle  // it had sent nothing since its last answer, for longest
    case head  // its head had been incomplete for longest
    case transfer  // its body, or the reading of its answer, was the slowest
    case stream  // it had followed something that had nothing to say for longest
    case full  // nothing could be closed for it, and it is none that a place is kept for
    case address  // its address has as many as one may have
    case memory  // bodies under way hold all that they may
}

/// Whoever answers. Called on an event loop (one of several), so every function must return fast.
public protocol HTTPHandler: Sendable {
    /// Before a body is read, and before `100 Continue` is sent. Not asked when no body follows.
    /// - Parameter contentLength: bytes, more than 0; nil for a chunked body.
    func decide(_ head: HTTPRequest, contentLength: Int?, origin: RequestOrigin) -> BodyDecision

    /// - Parameter reply: to be called exactly once, from any thread, now or later.
    func handle(_ request: Request, reply: @escaping @Sendable (Response) -> Void)

    /// How an error below the routes looks: 400, 408, 413, 414, 417, 431, 501, 503, 505, and 500 for a file that cannot be sent.
    /// - Parameter head: nil where it could not be read.
    func refusal(_ error: ProtocolError, head: HTTPRequest?, origin: RequestOrigin) -> Response

    /// Whether the request gets one of the places that are kept when all others are taken.
    func mayUseReserve(_ head: HTTPRequest) -> Bool

    /// A connection is turned away, as many may be at once.
    /// - Returns: what it is told, if it can be told anything: 503 with Retry-After.
    func turnedAway(_ reason: TurnedAway) -> Response
}

extension HTTPHandler {
    public func mayUseReserve(_ head: HTTPRequest) -> Bool { false }

    public func turnedAway(_ reason: TurnedAway) -> Response { Response(status: .serviceUnavailable, fields: [.retryAfter: "5"]) }
}
