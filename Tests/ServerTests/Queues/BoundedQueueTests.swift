import Foundation
import Storage
import Synchronization
import Testing
@testable import Server

/// So many at a time, so many waiting, the rest refused.
@Suite(.timeLimit(.minutes(60))) struct BoundedQueueTests {
    @Test func runsAllAndNeverMoreThanTheWidth() throws {
        let queue = BoundedQueue(on: DispatchQueue(label: "t", attributes: .concurrent), width: 3)
        let state = Mutex((running: 0, most: 0, done: 0))
        let all = DispatchGroup()
        for _ in 0..<500 {
            all.enter()
            try queue.submit {
                state.withLock {
                    $0.running += 1; $0.most = max($0.most, $0.running)
                }
                state.withLock {
                    $0.running -= 1; $0.done += 1
                }
                all.leave()
            }
        }
        #expect(all.wait(timeout: .now() + GatedEngine.patienceSeconds) == .success)
        #expect(state.withLock { $0.done } == 500)
        #expect(state.withLock { $0.most } <= 3)
    }

    @Test func refusesWhatDoesNotFitAndKeepsTheOrder() throws {
        let queue = BoundedQueue(on: DispatchQueue(label: "t", attributes: .concurrent), width: 1, maxWaiting: 2)
        let gate = DispatchSemaphore(value: 0), done = DispatchSemaphore(value: 0)
        let order = Mutex<[Int]>([])
        try queue.submit { gate.wait() }
        for index in 0..<2 {
            try queue.submit {
                order.withLock { $0.append(index) }
                done.signal()
            }
        }
        #expect(throws: BoundedQueue.Full(limit: 2, waiting: 2)) { try queue.submit {} }
        gate.signal()
        for _ in 0..<2 { #expect(done.wait(timeout: .now() + GatedEngine.patienceSeconds) == .success) }
        #expect(order.withLock { $0 } == [0, 1])
        // There is room again.
        try queue.submit { done.signal() }
        #expect(done.wait(timeout: .now() + GatedEngine.patienceSeconds) == .success)
    }
}
