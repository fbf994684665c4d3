// JobWaiters.swift: who wants to hear when a job is over.
//
// Lives in memory only: a waiter is a client on an open connection, and does not survive the process; the job does.

import Storage
import Synchronization

/// Callbacks by job id. Calls may come from any thread; callbacks run on the thread that brings the news, outside the lock.
final class JobWaiters: Sendable {
    enum News: Sendable {
        /// The job's state is final.
        case settled(Job)
        /// The service stops first; the job goes on after the next start.
        case stopping
    }
    typealias Callback = @Sendable (News) -> Void

    private struct State {
        var callbacks: [String: [Callback]] = [:]
        var isStopping = false
    }
    private let state = Mutex(State())
    private let observer: Callback

    /// - Parameter observer: told of every job that settles.
    init(observer: @escaping Callback = { _ in }) {
        self.observer = observer
    }

    /// Registers before the job is queued, so that no worker is faster. `callback` is called once.
    func add(id: String, _ callback: @escaping Callback) {
        let isStopping = state.withLock { state in
            if !state.isStopping { state.callbacks[id, default: []].append(callback) }
            return state.isStopping
        }
        if isStopping { callback(.stopping) }
    }

    /// Forgets the waiters of a job that was not accepted; they are not called.
    /// - Returns: false when there were none any more: they have been called.
    func remove(id: String) -> Bool {
        state.withLock { $0.callbacks.removeValue(forKey: id) } != nil
    }

    func settled(_ job: Job) {
        let callbacks = state.withLock { $0.callbacks.removeValue(forKey: job.id) } ?? []
        for callback in callbacks { callback(.settled(job)) }
        observer(.settled(job))
    }

    func stop() {
        let callbacks = state.withLock { state in
            state.isStopping = true
            defer { state.callbacks = [:] }
            return state.callbacks.values.flatMap { $0 }
        }
        for callback in callbacks { callback(.stopping) }
    }
}
