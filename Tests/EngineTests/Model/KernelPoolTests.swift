@testable import Engine
import Foundation
import LoopReference
import Testing

/// The kernel map pooled, whole and in parts.
@Suite(.timeLimit(.minutes(60))) struct KernelPoolTests {
    /// Fewer positions than bins, as many, more, and with bins that overlap.
    @Test(arguments: [[4, 4], [8, 8], [5, 7], [13, 21], [24, 40]])
    func poolingAgreesWithTheDefinition(_ size: [Int]) {
        var numbers = Numbers(seed: 21)
        let map = numbers.tensor([3, size[0], size[1]])
        var pool = KernelPool(taps: 3, height: size[0], width: size[1])
        pool.add(map, top: 0, left: 0, counted: (0..<size[0], 0..<size[1]))
        func bin(_ i: Int, _ n: Int) -> Range<Int> { Int(floor(Double(i * n) / 8))..<Int(ceil(Double((i + 1) * n) / 8)) }
        let expected = (0..<192).map { index -> Float in
            let rows = bin(index / 8 % 8, size[0]), columns = bin(index % 8, size[1])
            return Float(Reference.rectangleSums(map, rows: rows, columns: columns)[index / 64] / Double(rows.count * columns.count))
        }
        expectClose(pool.means, Tensor(shape: [3, 64], values: expected), "\(size)")
    }

    /// Parts that overlap, each answering for its own positions, give what the whole gives.
    @Test func poolingInPartsIsPoolingTheWhole() {
        var numbers = Numbers(seed: 22)
        let map = numbers.tensor([4, 23, 17])
        var whole = KernelPool(taps: 4, height: 23, width: 17)
        whole.add(map, top: 0, left: 0, counted: (0..<23, 0..<17))
        var parts = KernelPool(taps: 4, height: 23, width: 17)
        for (rows, counted) in [(0..<12, 0..<9), (6..<18, 9..<15), (14..<23, 15..<23)] {
            for band in [rows.lowerBound..<(rows.lowerBound + 3), (rows.lowerBound + 3)..<rows.upperBound] {
                parts.add(Channels(rows: band, of: map).tensor, top: band.lowerBound, left: 0, counted: (counted, 0..<17))
            }
        }
        expectClose(parts.means, whole.means, tolerance: 1e-6, "parts")
    }
}
