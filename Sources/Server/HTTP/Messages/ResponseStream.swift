/// A body whose end is not known when its head is sent: chunked (RFC 9112 section 7.1), or in HTTP/1.0 ended by closing.
public struct ResponseStream: Sendable {
    /// Sent whenever `HTTPLimits.heartbeatSeconds` have passed without a byte, which shows a client that has left, and keeps proxies from
    /// closing; nil for none.
    public let heartbeat: [UInt8]?
    /// Called on the event loop, once, when the head is on its way; returns fast. Not called for HEAD.
    public let start: @Sendable (BodyWriter) -> Void
    /// Told the bytes of each write that is on its way, on the writer's thread; they include heartbeats, but no framing.
    public var onWrite: (@Sendable (Int) -> Void)?

    public init(heartbeat: [UInt8]? = nil, start: @escaping @Sendable (BodyWriter) -> Void) {
        self.heartbeat = heartbeat
        self.start = start
    }
}
