/// What one client may cost. Every limit has an answer of its own, and the answer names the limit and the measured value.
public struct HTTPLimits: Sendable {
    public var maxRequestLineBytes = 8_192  // longer: 414
    public var maxHeaderBytes = 32_768  // field lines together, and chunk extensions and trailers together; more: 431
    public var maxHeaderCount = 100  // more: 431
    public var maxBodyBytes = 64 << 20  // more: 413, before the body is read when its length is declared
    public var headerTimeoutSeconds = 10.0  // from the first byte of a message to the end of its head: 408
    public var bodyTimeoutSeconds = 60.0  // without a byte of progress, reading a body (408) or writing a response (closed)
    public var idleTimeoutSeconds = 60.0  // between messages: closed without a word
    public var lingerTimeoutSeconds = 5.0  // how long unread input is discarded after a last answer (RFC 9112 section 9.6)
    public var probeSeconds = 1.0  // how long a client that has finished sending may wait before it is asked for (RFC 9110 section 15.2)
    public var heartbeatSeconds = 15.0  // without a byte in a streamed body: its heartbeat is sent
    public var maxStreamBacklogBytes = 256 << 10  // of a streamed body, not yet taken by the socket; more: closed
    public var maxConnections = 1_024  // further clients wait in the listen queue

    public init() {}
}
