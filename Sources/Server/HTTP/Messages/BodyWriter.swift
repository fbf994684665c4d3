import Synchronization

/// Writes the body of a `ResponseStream`, from any thread, and waits for nobody: bytes are kept until the socket takes them, up to a limit
/// above which the client counts as one that does not read, and is dropped. A stream that has nothing to say costs no thread.
public final class BodyWriter: Sendable {
    /// What has been written and not yet taken for the socket.
    struct Part {
        var bytes: [UInt8] = []
        var isLast = false
        var isOverrun = false  // more than the limit: the client is to be dropped
    }

    private struct State {
        var part = Part()
        var isClosed = false
        var isAnnounced = false  // the connection has been told that there is something to take
        var onClose: (@Sendable () -> Void)?
    }

    private let isChunked: Bool
    private let maxBacklogBytes: Int
    private let onWrite: (@Sendable (Int) -> Void)?
    private let announce: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameter announce: tells the connection to `take`; called outside the lock.
    init(
        isChunked: Bool, maxBacklogBytes: Int, onWrite: (@Sendable (Int) -> Void)? = nil, announce: @escaping @Sendable () -> Void
    ) {
        self.isChunked = isChunked
        self.maxBacklogBytes = maxBacklogBytes
        self.onWrite = onWrite
        self.announce = announce
    }

    /// - Returns: false when it leads nowhere: the body has ended, or the client has gone.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return true }  // an empty chunk would end the body
        let accepted = change { part in
            if isChunked { part.bytes += Array("\(String(bytes.count, radix: 16))\r\n".utf8) }
            part.bytes += bytes
            if isChunked { part.bytes += [0x0D, 0x0A] }
            if part.bytes.count > maxBacklogBytes {
                part.bytes = []
                part.isOverrun = true
            }
        }
        if accepted { onWrite?(bytes.count) }
        return accepted
    }

    /// Ends the body. Later writes lead nowhere.
    public func finish() {
        change { part in
            if isChunked { part.bytes += Array("0\r\n\r\n".utf8) }
            part.isLast = true
        }
    }

    /// - Parameter callback: called once when the client has gone before `finish`, or at once when it has gone already.
    public func onClose(_ callback: @escaping @Sendable () -> Void) {
        let isClosed = state.withLock { state in
            if !state.isClosed, !state.part.isLast { state.onClose = callback }
            return state.isClosed
        }
        if isClosed { callback() }
    }

    // MARK: The connection's side, on its event loop

    func take() -> Part {
        state.withLock { state in
            state.isAnnounced = false
            defer { state.part.bytes = [] }
            return state.part
        }
    }

    /// The client is to be dropped, even while it is sent something.
    var isOverrun: Bool { state.withLock { $0.part.isOverrun } }

    func close() {
        let callback = state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.isClosed else { return nil }
            state.isClosed = true
            state.part.bytes = []
            defer { state.onClose = nil }
            return state.part.isLast ? nil : state.onClose
        }
        callback?()
    }

    @discardableResult
    private func change(_ body: (inout Part) -> Void) -> Bool {
        let (accepted, mustAnnounce) = state.withLock { state in
            guard !state.isClosed, !state.part.isLast, !state.part.isOverrun else { return (false, false) }
            body(&state.part)
            if state.part.isLast { state.onClose = nil }
            defer { state.isAnnounced = true }
            // Too much is news even to a connection that knows of something to take, and cannot take it.
            return (true, !state.isAnnounced || state.part.isOverrun)
        }
        if mustAnnounce { announce() }
        return accepted
    }
}
