import Dispatch
import Foundation
import Synchronization

/// Splits the work of an operation over processor cores.
///
/// OpenBLAS is held to one thread a call, and the cores are given whole bands of an operation instead: a band's neighbourhoods, its
/// matrix product and its activation then stay in one core's cache, and the memory-bound steps run in parallel as well.
package enum Parallel {
    private static let limit = Atomic<Int>(0)

    /// Asked once: Foundation reads the control group's files at each call, 1,600 times for a small picture, of which it took two thirds.
    private static let cores = ProcessInfo.processInfo.activeProcessorCount

    /// Whether this core already works on its share of an operation, so that what that calls in turn is its alone.
    @TaskLocal private static var isShare = false

    /// What `withThreads` has set for this call.
    @TaskLocal private static var own: Int?

    /// Runs `body`, whose operations use at most `count` cores whatever holds for the process: for tests, which share it.
    package static func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
        try $own.withValue(count) { try body() }
    }

    /// The same for an asynchronous body: loops within it run on `count` threads.
    package static func withThreads<Result: Sendable>(_ count: Int, _ body: () async throws -> Result) async rethrows -> Result {
        try await $own.withValue(count) { try await body() }
    }

    /// Cores that one operation uses at most; 0 before it is set means all. It holds for the process, as OpenBLAS's own setting does.
    package static var threads: Int {
        get {
            if isShare { return 1 }
            if let own { return own }
            let set = limit.load(ordering: .relaxed)
            return set > 0 ? set : cores
        }
        set { limit.store(max(newValue, 0), ordering: .relaxed) }
    }

    /// Runs `body` once for every index of 0 ..< count, in any order, on at most `threads` cores; returns when all are done.
    package static func forEach(_ count: Int, _ body: (Int) -> Void) {
        let workers = min(threads, count)
        guard workers > 1 else {
            for index in 0..<count { body(index) }
            return
        }
        let next = Counter()
        withoutActuallyEscaping(body) { body in
            // Sharing it is safe: every index goes to one core, each writes its own part of the result, and this call
            // returns after the last of them.
            nonisolated(unsafe) let shared = body
            let share: @Sendable () -> Void = {
                $isShare.withValue(true) {
                    while let index = next.take(below: count) { shared(index) }
                }
            }
            if !Team.shared.run(others: workers - 1, share) { DispatchQueue.concurrentPerform(iterations: workers) { _ in share() } }
        }
    }

    /// Runs `body` as `forEach` does, and then `visit` with what it gave: one at a time, in the order of the indices.
    package static func inOrder<Result>(_ count: Int, _ body: (Int) -> Result, visit: (Int, Result) -> Void) {
        let turn = NSCondition()
        nonisolated(unsafe) var current = 0  // changed behind `turn`'s lock only
        forEach(count) { index in
            let result = body(index)
            turn.lock()
            while current < index { turn.wait() }
            visit(index, result)
            current += 1
            turn.broadcast()
            turn.unlock()
        }
    }

    /// Cuts 0 ..< count into pieces of at least `grain` (multiples of it, except the last), a few for each core so that an uneven
    /// machine still finishes together, and runs `body` on each.
    package static func ranges(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
        let grains = (count + grain - 1) / grain
        let pieces = threads == 1 ? 1 : min(grains, 4 * threads)
        guard pieces > 0 else { return }
        forEach(pieces) { piece in
            let first = grains * piece / pieces * grain
            let last = min(grains * (piece + 1) / pieces * grain, count)
            if first < last { body(first..<last) }
        }
    }

    private final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        func take(below count: Int) -> Int? {
            let index = value.wrappingAdd(1, ordering: .relaxed).oldValue
            return index < count ? index : nil
        }
    }
}
