import Foundation
import Storage
import Synchronization
import Testing
@testable import Server

/// How many workers run, without any thread.
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
