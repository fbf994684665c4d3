@testable import Engine
import Testing

/// One side cut into tiles.
@Suite(.timeLimit(.minutes(60))) struct TileAxisTests {
    static let axes = (1...60).flatMap { length in [(96, 32), (64, 32), (128, 0), (80, 16)].map { (length * 16, $0.0, $0.1) } }

    @Test func tilesCoverEverySideOnceAndTheirWeightsSumToOne() {
        for (length, size, overlap) in Self.axes {
            let axis = TileAxis(length: length, size: size, overlap: overlap, alignment: 16, seamMultiple: 4)
            let label = "length \(length), size \(size), overlap \(overlap)"
            #expect(axis.starts.allSatisfy { $0 % 16 == 0 && $0 >= 0 && $0 + axis.size <= length }, "\(label)")
            #expect(zip(axis.starts, axis.starts.dropFirst()).allSatisfy { $1 > $0 && $0 + axis.size - $1 >= overlap }, "\(label)")
            var covered: [Int] = [], sums = [Float](repeating: 0, count: length)
            for (tile, start) in axis.starts.enumerated() {
                let counted = axis.counted(tile)
                #expect(counted.lowerBound >= start && counted.upperBound <= start + axis.size && counted.lowerBound % 4 == 0, "\(label)")
                covered += counted
                for (offset, weight) in axis.weights(tile).enumerated() {
                    #expect((0...1).contains(weight), "\(label)")
                    sums[start + offset] += weight
                }
            }
            #expect(covered == Array(0..<length), "\(label)")
            #expect(sums.allSatisfy { abs($0 - 1) < 1e-6 }, "\(label)")
        }
    }

    /// What a tile sees beside a border that is not the picture's is not used.
    @Test func bordersBetweenTilesCarryNoWeight() {
        let axis = TileAxis(length: 320, size: 96, overlap: 32, alignment: 16, seamMultiple: 4)
        for tile in axis.starts.indices {
            let weights = axis.weights(tile)
            if tile > 0 { #expect(weights.prefix(4).allSatisfy { $0 == 0 }) }
            if tile < axis.starts.count - 1 { #expect(weights.suffix(4).allSatisfy { $0 == 0 }) }
        }
    }
}
