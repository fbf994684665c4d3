import Testing
@testable import Server

/// Who goes first when there is no room.
@Suite(.timeLimit(.minutes(60))) struct StandingTests {
    @Test func whatIsMissedLeastGoesFirst() {
        let earlier = MonotonicInstant.now(), now = earlier.advanced(bySeconds: 9)
        let order = [
            Standing(rank: .idle, since: earlier), Standing(rank: .idle, since: now), Standing(rank: .head, since: earlier),
            Standing(rank: .head, since: now), Standing(rank: .transfer, since: earlier), Standing(rank: .transfer, since: now),
            Standing(rank: .stream, since: earlier), Standing(rank: .stream, since: now),
        ]
        #expect(order.reversed().sorted() == order)
    }

    @Test func aFloodGoesInBatchesAndWhatIsUsedOneByOne() {
        #expect(Standing.batch(of: 1, .idle) == 1 && Standing.batch(of: 80, .head) == 10 && Standing.batch(of: 1_000, .idle) == 32)
        #expect(Standing.batch(of: 1_000, .transfer) == 1 && Standing.batch(of: 1_000, .stream) == 1)
    }

    @Test func theReasonIsTheRank() {
        #expect([Standing.Rank.idle, .head, .transfer, .stream].map { TurnedAway($0) } == [.idle, .head, .transfer, .stream])
    }
}
