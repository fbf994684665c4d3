import HTTPTypes

/// How much a caller has left, and the fields that say so (draft-ietf-httpapi-ratelimit-headers-10).
///
/// One policy and where the caller stands in it.
struct RateLimit: Sendable, Equatable {
    static let pictures = "pictures"

    /// The name of the policy, as in the header RateLimit.
    let name: String
    let quota: Int
    let windowSeconds: Int
    var remaining: Int
    /// Seconds until the quota is whole again.
    let resetSeconds: Int

    /// What was counted for nothing is left again.
    var withOneMore: RateLimit {
        var limit = self
        limit.remaining = min(remaining + 1, quota)
        return limit
    }

    /// RateLimit-Policy and RateLimit: structured lists of strings with parameters (RFC 9651 section 3.1).
    static func fields(_ limits: [RateLimit]) -> HTTPFields {
        guard !limits.isEmpty else { return [:] }
        return [
            .rateLimitPolicy: limits.map { "\"\($0.name)\";q=\($0.quota);w=\($0.windowSeconds)" }.joined(separator: ", "),
            .rateLimit: limits.map { "\"\($0.name)\";r=\($0.remaining);t=\($0.resetSeconds)" }.joined(separator: ", "),
        ]
    }
}

/// So many in each window; the first request after a window's end begins the next. Pure: the time is a parameter.
struct RateWindow: Sendable {
    static let seconds = 60

    let quota: Int
    private var start: MonotonicInstant?
    private var used = 0

    init(quota: Int) {
        self.quota = quota
    }

    /// Counts one request.
    /// - Returns: nil when none is left; nothing is counted then.
    mutating func take(at now: MonotonicInstant) -> RateLimit? {
        if resetSeconds(at: now) == 0 {
            start = now
            used = 0
        }
        guard used < quota else { return nil }
        used += 1
        return state(at: now)
    }

    func state(at now: MonotonicInstant) -> RateLimit {
        let reset = resetSeconds(at: now)
        return RateLimit(
            name: "requests", quota: quota, windowSeconds: Self.seconds, remaining: reset == 0 ? quota : quota - used,
            resetSeconds: reset == 0 ? Self.seconds : reset)
    }

    /// Seconds until the window is over; 0 = it is over, or has not begun.
    private func resetSeconds(at now: MonotonicInstant) -> Int {
        guard let start else { return 0 }
        return (Int(now.milliseconds(until: start.advanced(bySeconds: Double(Self.seconds)))) + 999) / 1000
    }
}
