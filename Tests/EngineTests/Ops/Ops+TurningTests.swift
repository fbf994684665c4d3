@testable import Engine
import Testing

/// Pictures and taps turned and mirrored.
@Suite(.timeLimit(.minutes(60))) struct OpsTurningTests {
    /// Where the pixel (row, column) of the turned picture comes from, in a picture of this size.
    private static func source(_ orientation: Orientation, _ row: Int, _ column: Int, height: Int, width: Int) -> (row: Int, column: Int) {
        switch orientation {
        case .up: (row, column)
        case .mirrored: (row, width - 1 - column)
        case .rotated180: (height - 1 - row, width - 1 - column)
        case .flipped: (height - 1 - row, column)
        case .transposed: (column, row)
        case .rotated90: (height - 1 - column, row)
        case .transversed: (height - 1 - column, width - 1 - row)
        case .rotated270: (column, width - 1 - row)
        }
    }

    @Test(arguments: Orientation.allCases)
    func turningMovesEveryPixel(_ orientation: Orientation) {
        var numbers = Numbers(seed: 31)
        let x = numbers.tensor([3, 70, 37]), turned = Ops.turned(x, orientation)
        #expect(turned.shape == [3] + (orientation.swapsSides ? [37, 70] : [70, 37]))
        for channel in 0..<3 {
            for row in 0..<turned.height {
                for column in 0..<turned.width {
                    let from = Self.source(orientation, row, column, height: 70, width: 37)
                    let value = turned.values[(channel * turned.height + row) * turned.width + column]
                    guard value == x.values[(channel * 70 + from.row) * 37 + from.column] else {
                        Issue.record("\(orientation): \(channel), \(row), \(column)")
                        return
                    }
                }
            }
        }
        #expect(Ops.turned(turned, orientation.inverse).values == x.values)
    }

    /// The taps of one place are a picture, and are turned as one.
    @Test(arguments: Orientation.allCases)
    func tapsTurnAsPicturesDo(_ orientation: Orientation) {
        var numbers = Numbers(seed: 32)
        let kernels = numbers.tensor([25, 3, 4]), turned = Ops.turnedTaps(kernels, orientation)
        for place in 0..<12 {
            let kernel = { (map: Tensor) in Tensor(shape: [1, 5, 5], values: (0..<25).map { map.values[$0 * 12 + place] }) }
            #expect(kernel(turned).values == Ops.turned(kernel(kernels), orientation).values)
        }
    }
}
