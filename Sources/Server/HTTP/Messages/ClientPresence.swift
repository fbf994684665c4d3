import Synchronization

/// Whether the client of one request still waits for its answer. Who answers late asks to be told when it leaves. Calls may come from any
/// thread.
public final class ClientPresence: Sendable {
    private enum State {
        case waiting((@Sendable () -> Void)?)
        case answered, left
    }

    private let state = Mutex(State.waiting(nil))

    public init() {}

    /// - Parameter callback: called once when the client leaves before its answer, on the connection's event loop, or at once when it has
    ///   left already; never after the answer. A later callback takes the place of an earlier one.
    public func onDeparture(_ callback: @escaping @Sendable () -> Void) {
        let hasLeft = state.withLock { state in
            switch state {
            case .waiting:
                state = .waiting(callback)
                return false
            case .answered: return false
            case .left: return true
            }
        }
        if hasLeft { callback() }
    }

    /// Forgets the callback, since the request is answered.
    func answered() {
        state.withLock { state in
            if case .waiting = state { state = .answered }
        }
    }

    func left() {
        let callback = state.withLock { state -> (@Sendable () -> Void)? in
            guard case .waiting(let callback) = state else { return nil }
            state = .left
            return callback
        }
        callback?()
    }
}
