import Synchronization
import Testing
@testable import Server

/// Whether a client still waits.
@Suite(.timeLimit(.minutes(60))) struct ClientPresenceTests {
    @Test func whoLeavesIsToldOnce() {
        let presence = ClientPresence(), calls = Atomic(0)
        presence.onDeparture { calls.add(1, ordering: .relaxed) }
        presence.left()
        presence.left()
        #expect(calls.load(ordering: .relaxed) == 1)
    }

    @Test func afterTheAnswerNobodyIsTold() {
        let presence = ClientPresence(), calls = Atomic(0)
        presence.onDeparture { calls.add(1, ordering: .relaxed) }
        presence.answered()
        presence.left()
        presence.onDeparture { calls.add(1, ordering: .relaxed) }
        #expect(calls.load(ordering: .relaxed) == 0)
    }

    @Test func whoAsksTooLateIsToldAtOnce() {
        let presence = ClientPresence(), calls = Atomic(0)
        presence.left()
        presence.answered()
        presence.onDeparture { calls.add(1, ordering: .relaxed) }
        #expect(calls.load(ordering: .relaxed) == 1)
    }

    @Test func theLastToAskIsTold() {
        let presence = ClientPresence(), calls = Mutex<[Int]>([])
        for index in 0..<3 { presence.onDeparture { calls.withLock { $0.append(index) } } }
        presence.left()
        #expect(calls.withLock { $0 } == [2])
    }
}
