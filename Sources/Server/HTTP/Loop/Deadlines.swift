/// How long a connection may stay in each part of an exchange. Pure: the time is a parameter.
struct Deadlines: Sendable {
    enum Phase: Sendable, Equatable { case idle, head, body, handling, halfClosed, streaming, writing, lingering }

    enum Action: Equatable {
        case close  // nobody is waiting for a word, or nobody reads it
        case answer(ProtocolError)
        case probe  // find out whether a client that has finished sending is still there
        case heartbeat
    }

    private(set) var phase: Phase
    private(set) var expiry: MonotonicInstant?

    init(at now: MonotonicInstant, limits: HTTPLimits) {
        phase = .idle
        expiry = now.advanced(bySeconds: limits.idleTimeoutSeconds)
    }

    mutating func enter(_ phase: Phase, at now: MonotonicInstant, limits: HTTPLimits) {
        self.phase = phase
        expiry =
            switch phase {
            case .idle: now.advanced(bySeconds: limits.idleTimeoutSeconds)
            case .head: now.advanced(bySeconds: limits.headerTimeoutSeconds)
            case .body, .writing: now.advanced(bySeconds: limits.bodyTimeoutSeconds)
            case .handling: nil  // the handler's own business
            case .halfClosed: now.advanced(bySeconds: limits.probeSeconds)
            case .streaming: now.advanced(bySeconds: limits.heartbeatSeconds)
            case .lingering: now.advanced(bySeconds: limits.lingerTimeoutSeconds)
            }
    }

    /// Bytes moved. A head and a lingering close are not granted more time by that: one byte a second would hold them for ever.
    mutating func progress(at now: MonotonicInstant, limits: HTTPLimits) {
        switch phase {
        case .idle: enter(.head, at: now, limits: limits)
        case .body, .writing: enter(phase, at: now, limits: limits)
        case .head, .handling, .halfClosed, .streaming, .lingering: break
        }
    }

    func action(at now: MonotonicInstant, limits: HTTPLimits) -> Action? {
        guard let expiry, now >= expiry else { return nil }
        switch phase {
        case .head:
            return .answer(ProtocolError(.requestTimeout, "The request's head did not arrive within \(limits.headerTimeoutSeconds) s."))
        case .body:
            return .answer(ProtocolError(.requestTimeout, "No byte of the body arrived for \(limits.bodyTimeoutSeconds) s."))
        case .halfClosed: return .probe
        case .streaming: return .heartbeat
        case .idle, .handling, .writing, .lingering: return .close
        }
    }
}
