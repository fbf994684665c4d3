import Foundation
import Storage
import Synchronization
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct WorkerSlotsTests {
    @Test func startsAsManyAsThereAreWorkers() {
        var slots = WorkerSlots(workers: 2)
        #expect(slots.wake() == 1)
        #expect(slots.wake() == 2)
        #expect(slots.wake() == nil)
    }

    @Test func aWakeUpBetweenLookingAndRetiringIsNotLost() {
        var slots = WorkerSlots(workers: 1)
        let worker = slots.wake()
        let seen = slots.arrivals
        // The worker looks and finds nothing; a job is committed; the worker wants to retire.
        #expect(slots.wake() == nil)
        #expect(slots.retire(1, seen: seen) == false)
        #expect(slots.retire(1, seen: slots.arrivals) == true)
        #expect(slots.wake() == worker)
    }

    @Test func stoppedSlotsStartNobody() {
        var slots = WorkerSlots(workers: 2)
        _ = slots.wake()
        let seen = slots.arrivals
        _ = slots.wake()
        slots.stop()
        #expect(slots.wake() == nil)
        // News no longer keeps a worker from retiring.
        #expect(slots.retire(1, seen: seen) == true)
    }
}

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

@Suite(.timeLimit(.minutes(60))) struct JobOptionsTests {
    @Test func readsTheTimestep() throws {
        #expect(try JobOptions([]).timestep == nil)
        #expect(try JobOptions([("timestep", "auto")]).timestep == nil)
        #expect(try JobOptions([("timestep", "0")]).timestep == 0)
        #expect(try JobOptions([("timestep", "999"), ("other", "x")]).timestep == 999)
    }

    @Test(arguments: ["", "1000", "-1", "1.5", "Auto", "0x10", "٣", " 1"])
    func refusesOtherTexts(text: String) {
        #expect { _ = try JobOptions([("timestep", text)]) } throws: { ($0 as? Problem)?.type == .invalidParameter }
    }

    @Test func refusesTwoValues() {
        #expect { _ = try JobOptions([("timestep", "1"), ("timestep", "1")]) } throws: {
            ($0 as? Problem)?.type == .invalidParameter
        }
    }
}

@Suite(.timeLimit(.minutes(60))) struct DirectoryLockTests {
    @Test func oneHolderAtATime() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-lock-\(JobID.make())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let first = try DirectoryLock(folder)
            #expect(throws: DirectoryLock.Held.self) { _ = try DirectoryLock(folder) }
            withExtendedLifetime(first) {}
        }
        _ = try DirectoryLock(folder)
    }

    /// A refused lock closes its descriptor once; a second time would close what another thread had opened in between.
    @Test func aRefusedLockClosesNothingOfOthers() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-lock-\(JobID.make())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let held = try DirectoryLock(folder)
        let stolen = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            for _ in 0..<20_000 {
                if thread == 0 {
                    _ = try? DirectoryLock(folder)
                } else if close(open("/dev/null", O_RDONLY | O_CLOEXEC)) != 0 {
                    stolen.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(stolen.load(ordering: .relaxed) == 0)
        withExtendedLifetime(held) {}
    }
}
