import Storage
import Synchronization

/// Who wants to hear when a job is settled.
///
/// Lives in memory only: a waiter is a client on an open connection, and does not survive the process; the job does.
///
/// Callbacks by job id. Calls may come from any thread; callbacks run on the thread that brings the news, outside the lock.
final class JobWaiters: Sendable {
    enum News: Sendable {
        /// The job is settled.
        case settled(Job)
        /// The service stops first; the job goes on after the next start.
        case stopping
    }
    typealias Callback = @Sendable (News) -> Void

    /// Who waits for which job, to take back a registration by.
    struct Ticket: Sendable, Hashable {
        let id: String
        fileprivate let number: UInt64
    }

    private struct State {
        var callbacks: [String: [UInt64: Callback]] = [:]
        var lastNumber: UInt64 = 0
        var isStopping = false
    }
    private let state = Mutex(State())
    private let observer: @Sendable (Job) -> Void

    /// - Parameter observer: told of every job that settles.
    init(observer: @escaping @Sendable (Job) -> Void = { _ in }) {
        self.observer = observer
    }

    /// Look at the job after this, not before: it may have been settled in between. `callback` is called at most once.
    @discardableResult
    func add(id: String, _ callback: @escaping Callback) -> Ticket {
        let (ticket, isStopping) = state.withLock { state in
            state.lastNumber += 1
            if !state.isStopping { state.callbacks[id, default: [:]][state.lastNumber] = callback }
            return (Ticket(id: id, number: state.lastNumber), state.isStopping)
        }
        if isStopping { callback(.stopping) }
        return ticket
    }

    /// Forgets a waiter; it is not called any more.
    /// - Returns: false when it has been called.
    @discardableResult
    func remove(_ ticket: Ticket) -> Bool {
        state.withLock { state in
            guard state.callbacks[ticket.id]?.removeValue(forKey: ticket.number) != nil else { return false }
            if state.callbacks[ticket.id]?.isEmpty == true { state.callbacks[ticket.id] = nil }
            return true
        }
    }

    /// How many requests wait for any job.
    var count: Int { state.withLock { $0.callbacks.values.reduce(0) { $0 + $1.count } } }

    func settled(_ job: Job) {
        let callbacks = state.withLock { $0.callbacks.removeValue(forKey: job.id) } ?? [:]
        for callback in callbacks.values { callback(.settled(job)) }
        observer(job)
    }

    func stop() {
        let callbacks = state.withLock { state in
            state.isStopping = true
            defer { state.callbacks = [:] }
            return state.callbacks.values.flatMap(\.values)
        }
        for callback in callbacks { callback(.stopping) }
    }
}
