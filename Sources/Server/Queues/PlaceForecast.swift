import Synchronization

/// When a client that found the queue full should come again, and whether the next one would find it full too.
///
/// Each refused client is given a place of its own in the time to come: places become free one after the other, and those who were refused
/// before want theirs first. So the time that is told grows with the refusals, shrinks as places become free, and whoever keeps to it meets
/// few others. Calls may come from any thread.
final class PlaceForecast: Sendable {
    private struct State {
        var promised: MonotonicInstant?  // the place of the client that was refused last
        var full: (since: MonotonicInstant, secondsPerPlace: Double, measured: Int)?
    }

    /// As long as a queue that was full is taken to be so, though no job has ended: a place may have become free unnoticed.
    static let memorySeconds = 5.0
    static let maxSeconds = 300.0
    /// Of the time told, so that what was refused together does not come together.
    static let jitter = 0.2

    private let state = Mutex(State())

    /// The queue was found full.
    /// - Parameters:
    ///   - secondsUntilPlace: until the first place becomes free.
    ///   - secondsPerPlace: from one place to the next.
    ///   - measured: how many wait.
    /// - Returns: seconds after which a place is likely for this client.
    func refused(secondsUntilPlace: Double, secondsPerPlace: Double, measured: Int, at now: MonotonicInstant) -> Int {
        state.withLock { state in
            state.full = (now, secondsPerPlace, measured)
            return Self.promise(&state, secondsUntilPlace, secondsPerPlace, now)
        }
    }

    /// Whether the queue was full a moment ago and no job has ended since.
    /// - Returns: how many wait, and as `refused`; nil when a place may be free.
    func foresee(at now: MonotonicInstant) -> (measured: Int, retryAfterSeconds: Int)? {
        state.withLock { state in
            guard let full = state.full, now < full.since.advanced(bySeconds: Self.memorySeconds) else { return nil }
            return (full.measured, Self.promise(&state, full.secondsPerPlace, full.secondsPerPlace, now))
        }
    }

    /// A job has ended, so that a place may be free.
    func opened() { state.withLock { $0.full = nil } }

    private static func promise(_ state: inout State, _ first: Double, _ each: Double, _ now: MonotonicInstant) -> Int {
        let earliest = now.advanced(bySeconds: first), latest = now.advanced(bySeconds: maxSeconds)
        let next = state.promised.map { max($0.advanced(bySeconds: each), earliest) } ?? earliest
        state.promised = min(next, latest)
        let seconds = Double(now.milliseconds(until: min(next, latest))) / 1_000
        return max(1, Int((seconds * Double.random(in: 1...1 + jitter)).rounded(.up)))
    }
}
