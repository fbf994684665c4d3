import Foundation
import Testing
@testable import Engine

/// Means of the kernel map over cells.
@Suite(.timeLimit(.minutes(60))) struct KernelGridTests {
    /// The same means whether the map comes whole or in parts, each position counted once.
    @Test func cellsAverageTheirPart() {
        let height = 13, width = 22, taps = 3
        let map = Tensor(shape: [taps, height, width], values: (0..<taps * height * width).map { Float($0 * 37 % 101) })
        var whole = KernelGrid(taps: taps, columns: 5, rows: 3, height: height, width: width), parts = whole
        whole.add(map, top: 0, left: 0, counted: (0..<height, 0..<width))
        for rows in [0..<4, 4..<13] {
            for (left, counted) in [(0, 0..<10), (8, 10..<22)] {
                let columns = left..<(left == 0 ? 12 : 22)
                let values = (0..<taps).flatMap { tap in rows.flatMap { y in columns.map { map.values[(tap * height + y) * width + $0] } } }
                parts.add(
                    Tensor(shape: [taps, rows.count, columns.count], values: values), top: rows.lowerBound, left: left,
                    counted: (rows, counted))
            }
        }
        #expect(whole.means.count == 15)
        for (a, b) in zip(whole.means.joined(), parts.means.joined()) { #expect(abs(a - b) < 1e-4) }
        // Cell (1, 2): rows 4 ..< 8, columns 8 ..< 13.
        for tap in 0..<taps {
            var sum: Float = 0
            for y in 4..<8 { for x in 8..<13 { sum += map.values[(tap * height + y) * width + x] } }
            #expect(abs(whole.means[7][tap] - sum / 20) < 1e-4)
        }
    }
}
