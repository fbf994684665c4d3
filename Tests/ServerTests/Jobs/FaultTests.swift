import Engine
import Foundation
import Storage
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(60))) struct FaultTests {
    @Test func faultsAreSorted() {
        #expect(Fault(StorageError.diskFull(neededBytes: 1, freeBytes: 0)) == .transient)
        #expect(Fault(StorageError.file(operation: "open", path: "p", code: EMFILE)) == .transient)
        #expect(Fault(StorageError.database(code: 10, message: "m")) == .transient)
        #expect(Fault(StorageError.corruptDatabase("c")) == .transient)
        #expect(Fault(ImageError.outOfMemory) == .transient)
        #expect(Fault(ImageError.corrupt(reason: "r")) == .picture)
        #expect(Fault(Problem(.inputGone, "d")) == .picture)
        #expect(Fault(DeblurError.numericalFault(stage: "s")) == .ours)
        #expect(Fault(CancellationError()) == .ours)
    }

    @Test func pausesDoubleUpToABoundAndAreSpread() {
        #expect((0..<4).map { Pause.seconds(afterPauses: $0, spread: 1) } == [1, 2, 4, 8])
        #expect(Pause.seconds(afterPauses: 3, spread: 0) == 4)
        #expect(Pause.seconds(afterPauses: 1_000, spread: 1) == Pause.lastSeconds)
        #expect(Pause.lastSeconds < JobStore.maxPauseSeconds)
    }
}
