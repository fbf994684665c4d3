import Dispatch
import Synchronization
import Testing
@testable import Server

/// Work done later.
@Suite(.timeLimit(.minutes(60))) struct QueueTimerTests {
    /// Nothing until it is scheduled; then once.
    @Test func runsOnceForEachSchedule() {
        let queue = DispatchQueue(label: "t"), done = DispatchSemaphore(value: 0), count = Atomic(0)
        let timer = QueueTimer(queue: queue) {
            count.add(1, ordering: .relaxed)
            done.signal()
        }
        queue.sync {}
        #expect(count.load(ordering: .relaxed) == 0)
        for expected in 1...2 {
            timer.schedule(afterSeconds: 0.001)
            #expect(done.wait(timeout: .now() + GatedEngine.patienceSeconds) == .success)
            #expect(count.load(ordering: .relaxed) == expected)
        }
    }

    @Test func comesAgainUntilItGoes() {
        let done = DispatchSemaphore(value: 0)
        do {
            let timer = QueueTimer(every: 0.001, label: "t") { done.signal() }
            for _ in 0..<3 { #expect(done.wait(timeout: .now() + GatedEngine.patienceSeconds) == .success) }
            withExtendedLifetime(timer) {}
        }
        // What had been fired already may still come; then it is quiet, and three silent waits show that it does not come again.
        while done.wait(timeout: .now() + 0.2) == .success {}
        #expect(done.wait(timeout: .now() + 0.05) == .timedOut)
    }
}
