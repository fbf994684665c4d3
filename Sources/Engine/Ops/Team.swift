import CLoops
import Foundation
import Synchronization

/// The cores beside the caller's. They look out for more work for a moment before they sleep: a layer takes a millisecond, waking a thread
/// a tenth of one.
final class Team: Sendable {
    static let shared = Team()

    /// Whether a caller has the helpers: one at a time has.
    private let isTaken = Atomic<Bool>(false)
    /// The job's number, whether it may be joined, and how many members are at it.
    private let state = Atomic<UInt64>(0)
    private static let open: UInt64 = 1 << 16, number: UInt64 = 1 << 17
    private nonisolated(unsafe) var job: () -> Void = {}  // changed while no one is at it
    private nonisolated(unsafe) var members = 0  // changed by the caller that has the team
    /// How many helpers the work at hand still takes.
    private let wanted = Atomic<Int>(0)

    private let sleepers = Atomic<Int>(0)
    private let bell = NSCondition()
    /// Looks before a member sleeps, some 50 to 100 microseconds, and before the caller lets others have its core.
    private static let patience = 2000

    /// Runs `share` on the caller's core and on those of `others` members as far as they come before it is done. Returns when all who began
    /// are done.
    /// - Returns: false, and nothing was run, where the team is another caller's
    func run(others: Int, _ share: @escaping () -> Void) -> Bool {
        guard !isTaken.exchange(true, ordering: .acquiring) else { return false }
        while members < others { recruit() }
        job = share
        wanted.store(others, ordering: .relaxed)
        let last = state.load(ordering: .relaxed)
        state.store((last / Self.number + 1) * Self.number | Self.open, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 { bell.withLock { bell.broadcast() } }
        share()
        state.bitwiseAnd(~Self.open, ordering: .acquiringAndReleasing)
        var looks = 0
        while state.load(ordering: .acquiring) % Self.open != 0 {
            looks += 1
            if looks % Self.patience == 0 { sched_yield() } else { loop_relax() }
        }
        job = {}
        isTaken.store(false, ordering: .releasing)
        return true
    }

    private func recruit() {
        let index = members
        members += 1
        let thread = Thread { [self] in
            var done: UInt64 = 0
            while true {
                done = join(index, after: done)
                job()
                state.wrappingSubtract(1, ordering: .releasing)
            }
        }
        thread.name = "team"
        thread.start()
    }

    /// Waits for another job than the last one. - Returns: its number
    private func join(_ index: Int, after done: UInt64) -> UInt64 {
        func isNew(_ state: UInt64) -> Bool {
            state & Self.open != 0 && state / Self.number != done && index < wanted.load(ordering: .relaxed)
        }
        var looks = 0
        while true {
            let seen = state.load(ordering: .acquiring)
            if isNew(seen) {
                if state.compareExchange(expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing).exchanged {
                    return seen / Self.number
                }
                continue
            }
            looks += 1
            if looks < Self.patience {
                loop_relax()
                continue
            }
            looks = 0
            bell.withLock {
                sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
                while !isNew(state.load(ordering: .sequentiallyConsistent)) { bell.wait() }
                sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
            }
        }
    }
}
