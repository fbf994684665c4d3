import LoopReference
import Testing
@testable import Engine

/// Tensors one after the other, without a copy.
@Suite(.timeLimit(.minutes(60))) struct ChannelsTests {
    @Test func standForTheirConcatenation() {
        var numbers = Numbers(seed: 1)
        let a = numbers.tensor([2, 4, 3]), b = numbers.tensor([3, 4, 3]), whole = Reference.concatenated(a, b)
        let joined = Channels(a, b)
        #expect(joined.shape == [5, 4, 3] && joined.count == 5 && joined.positions == 12)
        #expect(joined.read { places in places.flatMap { place in (0..<12).map { place[$0] } } } == whole.values)
        #expect(joined.tensor.values == whole.values && joined.tensor.shape == whole.shape)
    }

    @Test func aBandOfRowsIsThatOfEachChannel() {
        var numbers = Numbers(seed: 2)
        let a = numbers.tensor([2, 4, 3]), b = numbers.tensor([1, 4, 3])
        let band = Channels(rows: 1..<3, of: a, b)
        #expect(band.shape == [3, 2, 3] && band.positions == 6)
        #expect(
            band.read { places in places.flatMap { place in (0..<6).map { place[$0] } } }
                == Reference.rows(1..<3, of: Reference.concatenated(a, b)).values)
    }
}
