/// Which connection goes first when there is no room for another: the lesser one.
struct Standing: Comparable, Sendable {
    /// From the one that is missed least: nothing is under way; a head that does not end; a body or an answer that hardly moves; a stream,
    /// whose client comes again by itself and goes on where it was (`Last-Event-ID`).
    enum Rank: Comparable, Sendable { case idle, head, transfer, stream }

    let rank: Rank
    /// Since when it has stood so; of a transfer, when it last was as fast as it should be; of a stream, when it last had something to say.
    let since: MonotonicInstant

    static func < (left: Self, right: Self) -> Bool {
        left.rank == right.rank ? left.since < right.since : left.rank < right.rank
    }

    /// How many of so many go at once, so that a flood does not look through all for each newcomer. Of those that are used only the first.
    static func batch(of count: Int, _ rank: Rank) -> Int { rank < .transfer ? max(1, min(32, count / 8)) : 1 }
}

extension TurnedAway {
    init(_ rank: Standing.Rank) {
        self =
            switch rank {
            case .idle: .idle
            case .head: .head
            case .transfer: .transfer
            case .stream: .stream
            }
    }
}
