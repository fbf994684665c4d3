import Dispatch
import Synchronization

/// Short blocking work off the event loops, at most `width` at once and `maxWaiting` behind it.
///
/// Runs closures in order of arrival on a Dispatch queue. Calls may come from any thread.
final class BoundedQueue: Sendable {
    /// Refused: `waiting` closures wait already.
    struct Full: Error, Equatable {
        let limit: Int
        let waiting: Int
    }
    typealias Work = @Sendable () -> Void

    private struct State {
        var running = 0
        var waiting: [Work] = []
        var first = 0  // of `waiting`; what lies before has been run
        var count: Int { waiting.count - first }

        mutating func next() -> Work? {
            guard first < waiting.count else { return nil }
            defer {
                first += 1
                // Drops the run ones when they are most of the array: constant time on average.
                if first * 2 >= waiting.count {
                    waiting.removeFirst(first)
                    first = 0
                }
            }
            return waiting[first]
        }
    }
    private let width: Int
    private let maxWaiting: Int
    private let queue: DispatchQueue
    private let state = Mutex(State())

    /// A bounded queue upon another one.
    /// - Parameter queue: concurrent
    init(on queue: DispatchQueue, width: Int, maxWaiting: Int = .max) {
        self.queue = queue
        self.width = width
        self.maxWaiting = maxWaiting
    }

    /// How many closures wait at this moment.
    var waiting: Int { state.withLock { $0.count } }

    /// Runs `work` as soon as a place is free. Throws `Full` where too many wait.
    func submit(_ work: @escaping Work) throws(Full) {
        let (starts, full) = state.withLock { state -> (Bool, Full?) in
            guard state.running >= width else {
                state.running += 1
                return (true, nil)
            }
            guard state.count < maxWaiting else { return (false, Full(limit: maxWaiting, waiting: state.count)) }
            state.waiting.append(work)
            return (false, nil)
        }
        if let full { throw full }
        if starts { start(work) }
    }

    private func start(_ work: @escaping Work) {
        queue.async { [self] in
            work()
            let next = state.withLock { state -> Work? in
                let next = state.next()
                if next == nil { state.running -= 1 }
                return next
            }
            // A new block for each: Dispatch drains what the work left to be released in between.
            if let next { start(next) }
        }
    }
}
