import HTTPTypes

/// Answers one whole request; the reply is to be called exactly once, from any thread, now or later.
public typealias HTTPHandling = @Sendable (Request, @escaping @Sendable (Response) -> Void) -> Void

/// What becomes of a body whose head has been read.
public enum BodyDecision: Sendable {
    /// The smaller of `maxBytes` and `HTTPLimits.maxBodyBytes` holds; more is 413. `then` takes the request with its body, and need not
    /// find out again what the head has shown; nil leaves it to `HTTPHandler.handle`.
    case read(maxBytes: Int, then: HTTPHandling? = nil)
    /// Answered at once; the connection closes, since the body is on its way.
    case reject(Response)
}

/// Whoever answers. Called on an event loop (one of several), so every function must return fast.
public protocol HTTPHandler: Sendable {
    /// Before a body is read, and before `100 Continue` is sent. Not asked when no body follows.
    /// - Parameter contentLength: bytes, more than 0; nil for a chunked body.
    func decide(_ head: HTTPRequest, contentLength: Int?) -> BodyDecision

    /// - Parameter reply: to be called exactly once, from any thread, now or later.
    func handle(_ request: Request, reply: @escaping @Sendable (Response) -> Void)

    /// How an error below the routes looks: 400, 408, 413, 414, 417, 431, 501, 505, and 500 for a file that cannot be sent.
    func problem(_ status: HTTPResponse.Status, detail: String, limit: Int?, measured: Int?) -> Response
}
