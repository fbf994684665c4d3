import Engine
import Foundation
import Synchronization

/// The engine while its weights are still being read: the service listens, says that it is not ready, and keeps the first
/// pictures waiting.
///
/// Calls may come from any thread.
final class DeferredEngine: DeblurringEngine {
    /// Told nothing when the engine is there, or why it will not be.
    typealias Waiter = @Sendable (Problem?) -> Void

    /// Requests with pictures that are held until the weights are there; each holds its body in memory.
    static let maxWaiting = 16

    private enum State {
        case loading([Waiter])
        case loaded(any DeblurringEngine)
        case stopped
    }
    private let state: Mutex<State>

    /// - Parameter engine: nil = still to come.
    init(_ engine: (any DeblurringEngine)?) {
        state = Mutex(engine.map(State.loaded) ?? .loading([]))
    }

    private var loaded: (any DeblurringEngine)? {
        state.withLock { if case .loaded(let engine) = $0 { engine } else { nil } }
    }

    /// How many calls wait for the weights now.
    var waitingCount: Int {
        state.withLock { if case .loading(let waiters) = $0 { waiters.count } else { 0 } }
    }

    var isLoaded: Bool { loaded != nil }
    /// Empty while it is loading; no picture gets so far then.
    var modelName: String { loaded?.modelName ?? "" }
    var modelHash: String { loaded?.modelHash ?? "" }
    var views: Int { loaded?.views ?? 1 }

    /// Takes the engine whose weights are loaded, and lets everyone who waits go on.
    func load(_ engine: any DeblurringEngine) {
        settle(.loaded(engine), nil)
    }

    /// Tells those who wait that they wait in vain.
    func stop() {
        guard !isLoaded else { return }
        settle(.stopped, Problem(.stopping, "the service stops before its weights are loaded"))
    }

    /// Calls `waiter` at once, or when the weights are there, or when they will not be.
    /// - Throws: `Problem` (not_ready) when `maxWaiting` wait already.
    func whenLoaded(_ waiter: @escaping Waiter) throws {
        var problem: Problem?
        let isSettled = try state.withLock { state in
            switch state {
            case .loaded: return true
            case .stopped:
                problem = Problem(.stopping, "the service stops")
                return true
            case .loading(var waiters):
                guard waiters.count < Self.maxWaiting else {
                    throw Problem(
                        .notReady, "the weights are being loaded, and \(waiters.count) pictures wait for them", limit: Self.maxWaiting,
                        measured: waiters.count, retryAfterSeconds: Problem.retryAfterSeconds)
                }
                waiters.append(waiter)
                state = .loading(waiters)
                return false
            }
        }
        if isSettled { waiter(problem) }
    }

    /// Pictures wait for the weights before they get so far.
    func requireMemory(for info: ImageInfo, options: DeblurOptions) throws {
        try engine().requireMemory(for: info, options: options)
    }

    func blurLevel(of data: Data) throws -> BlurLevel {
        try engine().blurLevel(of: data)
    }

    func deblur(
        _ data: Data, options: DeblurOptions, onTimestep: (Int) -> Void, onProgress: (Double) throws -> Void
    ) throws -> DeblurredPicture {
        try engine().deblur(data, options: options, onTimestep: onTimestep, onProgress: onProgress)
    }

    func motionPicture(of data: Data, across: Int) throws -> MotionPicture {
        try engine().motionPicture(of: data, across: across)
    }

    private func engine() throws -> any DeblurringEngine {
        guard let loaded else { throw Problem.loading }
        return loaded
    }

    private func settle(_ new: State, _ problem: Problem?) {
        let waiters = state.withLock { state -> [Waiter] in
            guard case .loading(let waiters) = state else { return [] }
            state = new
            return waiters
        }
        for waiter in waiters { waiter(problem) }
    }
}
