import Engine
import LoopReference
import Testing

/// Tiles added up by weight.
@Suite(.timeLimit(.minutes(60))) struct OpsBlendingTests {
    @Test func weightedTilesAgree() {
        var numbers = Numbers(seed: 17)
        let tile = numbers.tensor([3, 5, 7]), columns = numbers.tensor([7]), rows = numbers.tensor([5]).values
        let strip = numbers.tensor([3, 9, 20])
        var fast = strip, slow = strip
        Ops.addWeighted(tile, to: &fast, top: 2, left: 11, rowWeights: rows, columnWeights: columns)
        Reference.addWeighted(tile, to: &slow, top: 2, left: 11, rowWeights: rows, columnWeights: columns)
        expectClose(fast, slow, "tile in strip")
    }
}
