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
    private var since: MonotonicInstant  // of the phase
    private var movedAt: MonotonicInstant  // the last byte of a transfer, or its beginning
    private var fastAt: MonotonicInstant  // when a transfer last had moved what is asked of it in `rateSeconds`, or began
    private var movedBytes = 0  // since `fastAt`
    private static let graceSeconds = 1.0  // a younger transfer is not yet known to be slow

    init(at now: MonotonicInstant, limits: HTTPLimits) {
        phase = .idle
        (since, movedAt, fastAt) = (now, now, now)
        expiry = now.advanced(bySeconds: limits.idleTimeoutSeconds)
    }

    mutating func enter(_ phase: Phase, at now: MonotonicInstant, limits: HTTPLimits) {
        self.phase = phase
        (since, movedAt, fastAt, movedBytes) = (now, now, now, 0)
        expiry =
            switch phase {
            case .idle: now.advanced(bySeconds: limits.idleTimeoutSeconds)
            case .head: now.advanced(bySeconds: limits.headerTimeoutSeconds)
            case .body, .writing: transferExpiry(limits)
            case .handling: nil  // the handler's own business
            case .halfClosed: now.advanced(bySeconds: limits.probeSeconds)
            case .streaming: now.advanced(bySeconds: limits.heartbeatSeconds)
            case .lingering: now.advanced(bySeconds: limits.lingerTimeoutSeconds)
            }
    }

    /// Bytes moved. A head and a lingering close are not granted more time by that: one byte a second would hold them for ever.
    mutating func progress(_ bytes: Int, at now: MonotonicInstant, limits: HTTPLimits) {
        switch phase {
        case .idle: enter(.head, at: now, limits: limits)
        case .body, .writing:
            movedAt = now
            movedBytes += bytes
            // Measured piece by piece: what came fast at first is no credit for dribbling later.
            if Double(movedBytes) >= Double(limits.minBytesPerSecond) * limits.rateSeconds { (fastAt, movedBytes) = (now, 0) }
            expiry = transferExpiry(limits)
        case .head, .handling, .halfClosed, .streaming, .lingering: break
        }
    }

    func action(at now: MonotonicInstant, limits: HTTPLimits) -> Action? {
        guard let expiry, now >= expiry else { return nil }
        switch phase {
        case .head:
            return .answer(ProtocolError(.requestTimeout, "The request's head did not arrive within \(limits.headerTimeoutSeconds) s."))
        case .body: return .answer(ProtocolError(.requestTimeout, lateness(at: now, limits)))
        case .halfClosed: return .probe
        case .streaming: return .heartbeat
        case .idle, .handling, .writing, .lingering: return .close
        }
    }

    /// Nil for what is not ended to make room: an answer that is being made, a transfer that is fast enough.
    func standing(at now: MonotonicInstant) -> Standing? {
        switch phase {
        case .idle, .lingering: Standing(rank: .idle, since: since)
        case .head: Standing(rank: .head, since: since)
        case .body, .writing: fastAt.advanced(bySeconds: Self.graceSeconds) <= now ? Standing(rank: .transfer, since: fastAt) : nil
        case .streaming: Standing(rank: .stream, since: since)
        case .handling, .halfClosed: nil
        }
    }

    private func transferExpiry(_ limits: HTTPLimits) -> MonotonicInstant {
        var expiry = movedAt.advanced(bySeconds: limits.bodyTimeoutSeconds)
        if limits.minBytesPerSecond > 0 { expiry = min(expiry, fastAt.advanced(bySeconds: limits.rateSeconds)) }
        if phase == .body { expiry = min(expiry, since.advanced(bySeconds: limits.bodyTotalSeconds)) }
        return expiry
    }

    private func lateness(at now: MonotonicInstant, _ limits: HTTPLimits) -> String {
        if now >= since.advanced(bySeconds: limits.bodyTotalSeconds) {
            return "The body did not arrive within \(limits.bodyTotalSeconds) s."
        }
        if now >= movedAt.advanced(bySeconds: limits.bodyTimeoutSeconds) {
            return "No byte of the body arrived for \(limits.bodyTimeoutSeconds) s."
        }
        return "The body came with fewer than \(limits.minBytesPerSecond) bytes a second: \(movedBytes) bytes in \(limits.rateSeconds) s."
    }
}
