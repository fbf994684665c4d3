import Foundation

/// What one client may cost. Every limit has an answer of its own, and the answer names the limit and the measured value.
public struct HTTPLimits: Sendable {
    public var maxRequestLineBytes = 8_192  // longer: 414, or 400 where not even the method has ended
    public var maxHeaderBytes = 32_768  // field lines together, and chunk extensions and trailers together; more: 431
    public var maxHeaderCount = 100  // more: 431
    public var maxBodyBytes = 64 << 20  // more: 413, before the body is read when its length is declared
    public var headerTimeoutSeconds = 10.0  // from the first byte of a message to the end of its head: 408
    public var bodyTimeoutSeconds = 60.0  // without a byte of progress, reading a body (408) or writing a response (closed)
    public var bodyTotalSeconds = 1_200.0  // for a whole body: 408
    public var minBytesPerSecond = 1_024  // of a body (408) and of an answer (closed), over each `rateSeconds`; 0 = none
    public var rateSeconds = 20.0
    public var idleTimeoutSeconds = 60.0  // between messages: closed without a word
    public var lingerTimeoutSeconds = 5.0  // how long unread input is discarded after a last answer (RFC 9112 section 9.6)
    public var probeSeconds = 1.0  // how long a client that has finished sending may wait before it is asked for (RFC 9110 section 15.2)
    public var heartbeatSeconds = 15.0  // without a byte in a streamed body: its heartbeat is sent
    public var maxStreamBacklogBytes = 256 << 10  // of a streamed body, not yet taken by the socket; more: closed
    public var maxConnections = 1_024  // beyond: the longest idle is closed, then the slowest head, the slowest transfer, a stream
    public var maxConnectionsPerAddress = 256  // of an address outside `trustedAddresses`, IPv6 by /64; more: 503; 0 = no limit
    public var trustedAddresses = AddressBlock.local  // where proxies stand: as many connections as they like
    public var spoolAboveBytes = 1 << 20  // larger bodies wait in a file without a name
    public var spoolDirectory = NSTemporaryDirectory()
    public var maxBodyMemoryBytes = 256 << 20  // of all bodies in memory at once; more: 503
    public var maxBodyDiskBytes = 4 << 30  // of all bodies in files at once; more: 503

    public init() {}

    /// Of the connections, those that only health probes and callers with keys get when the others are taken.
    var reservedConnections: Int { min(64, maxConnections / 8) }

    /// For a connection that came when there was no room: its head must follow at once.
    var onReserve: HTTPLimits {
        var limits = self
        limits.headerTimeoutSeconds = min(headerTimeoutSeconds, 1)
        limits.idleTimeoutSeconds = min(idleTimeoutSeconds, 1)
        limits.lingerTimeoutSeconds = min(lingerTimeoutSeconds, 1)
        return limits
    }
}
