import Foundation
import Storage
import Synchronization

/// The jobs that this process works on now, and when each last got on: what leases are renewed from, and how a hung one is found.
///
/// In memory, by the machine's monotonic clock. Calls may come from any thread.
final class Attempts: Sendable {
    struct Attempt: Sendable {
        let job: Job
        let worker: Int
        /// When the work has taken longer than it may.
        let deadline: MonotonicInstant
        fileprivate(set) var progressed: MonotonicInstant
        /// The work is done, and its ending waits for the store: no longer the worker's.
        fileprivate(set) var isEnding = false

        fileprivate var claim: Int64 { job.claim ?? 0 }

        func isHung(at now: MonotonicInstant, stallSeconds: Double) -> Bool {
            !isEnding && progressed.advanced(bySeconds: stallSeconds) < now
        }
    }

    private struct State {
        var attempts: [Int64: Attempt] = [:]
        /// Claims whose threads never came back, until they do.
        var writtenOff: Set<Int64> = []
    }
    private let state = Mutex(State())

    func begin(_ job: Job, worker: Int, seconds: Double, now: MonotonicInstant = .now()) -> Attempt {
        let attempt = Attempt(job: job, worker: worker, deadline: now.advanced(bySeconds: seconds), progressed: now)
        state.withLock { $0.attempts[attempt.claim] = attempt }
        return attempt
    }

    func progressed(_ attempt: Attempt, now: MonotonicInstant = .now()) {
        state.withLock { $0.attempts[attempt.claim]?.progressed = now }
    }

    /// The worker has come back with an ending.
    /// - Returns: false when it had been written off; someone else has its place.
    func ends(_ attempt: Attempt) -> Bool {
        state.withLock { state in
            state.attempts[attempt.claim]?.isEnding = true
            return state.writtenOff.remove(attempt.claim) == nil
        }
    }

    /// The ending is stored, or nobody's business any more.
    func forget(_ attempt: Attempt) {
        state.withLock { _ = $0.attempts.removeValue(forKey: attempt.claim) }
    }

    /// The job was taken back from a thread that does not come back.
    /// - Returns: the attempt whose worker is lost; nil when it had come back by itself.
    func writeOff(_ job: Job) -> Attempt? {
        state.withLock { state in
            guard let claim = job.claim, let attempt = state.attempts.removeValue(forKey: claim), !attempt.isEnding else { return nil }
            state.writtenOff.insert(claim)
            return attempt
        }
    }

    var all: [Attempt] { state.withLock { Array($0.attempts.values) } }
    var writtenOffCount: Int { state.withLock { $0.writtenOff.count } }

    /// By id, the claims that are worked on or wait to be stored; not those that hang.
    func renewable(stallSeconds: Double, now: MonotonicInstant = .now()) -> [String: Int64] {
        all.filter { !$0.isHung(at: now, stallSeconds: stallSeconds) }.reduce(into: [:]) { $0[$1.job.id] = $1.claim }
    }

    /// Since the job that is longest without progress last made some; 0 when nothing is worked on.
    func stalledSeconds(now: MonotonicInstant = .now()) -> Double {
        all.filter { !$0.isEnding && $0.progressed < now }.map { Double(now.nanoseconds - $0.progressed.nanoseconds) / 1e9 }.max() ?? 0
    }
}
