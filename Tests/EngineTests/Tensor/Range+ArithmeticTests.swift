import Testing
@testable import Engine

/// Ranges between grids.
@Suite(.timeLimit(.minutes(60))) struct RangeArithmeticTests {
    @Test func rangesAreDividedAndMoved() {
        #expect((8..<24).divided(by: 8) == 1..<3 && (8..<24).moved(by: -8) == 0..<16)
    }

    @Test(arguments: [(0..<10, 4, [0..<4, 4..<8, 8..<10]), (3..<5, 9, [3..<5]), (2..<2, 3, []), (0..<6, 3, [0..<3, 3..<6])])
    func piecesCoverTheRangeOnce(range: Range<Int>, count: Int, pieces: [Range<Int>]) {
        #expect(range.pieces(of: count) == pieces)
    }
}
