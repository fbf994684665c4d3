import Engine
import Foundation

extension Reference {
    package static func pixelUnshuffle(_ x: Tensor, by r: Int) -> Tensor {
        .picture([x.channels * r * r, x.height / r, x.width / r]) { c, y, column in
            x.at(c / (r * r), y * r + c / r % r, column * r + c % r)
        }
    }

    package static func pixelShuffle(_ x: Tensor, by r: Int) -> Tensor {
        .picture([x.channels / (r * r), x.height * r, x.width * r]) { c, y, column in
            x.at(c * r * r + y % r * r + column % r, y / r, column / r)
        }
    }

    package static func nearestX2(_ x: Tensor) -> Tensor {
        .picture([x.channels, 2 * x.height, 2 * x.width]) { x.at($0, $1 / 2, $2 / 2) }
    }

    /// Keys' cubic convolution at the source coordinate (i + 1/2) / 2 - 1/2.
    package static func bicubicX2(_ x: Tensor) -> Tensor {
        func taps(_ i: Int, _ count: Int) -> [(index: Int, weight: Double)] {
            let source = (Double(i) + 0.5) / 2 - 0.5
            return (-1...2).map { k in
                let index = Int(floor(source)) + k
                return (min(max(index, 0), count - 1), cubic(abs(source - Double(index))))
            }
        }
        return .picture([x.channels, 2 * x.height, 2 * x.width]) { c, y, column in
            let across = taps(column, x.width)
            return taps(y, x.height).reduce(0) { sum, row in
                sum + row.weight * across.reduce(0) { $0 + $1.weight * x.at(c, row.index, $1.index) }
            }
        }
    }

    package static func meanPool(_ x: Tensor, by r: Int) -> Tensor {
        .picture([x.channels, x.height / r, x.width / r]) { c, y, column in
            (0..<(r * r)).reduce(0) { $0 + x.at(c, y * r + $1 / r, column * r + $1 % r) } / Double(r * r)
        }
    }

    package static func repeated(_ x: Tensor, by r: Int) -> Tensor {
        .picture([x.channels, x.height * r, x.width * r]) { x.at($0, $1 / r, $2 / r) }
    }

    package static func rectangleSums(_ x: Tensor, rows: Range<Int>, columns: Range<Int>) -> [Double] {
        (0..<x.channels).map { c in rows.reduce(0) { sum, y in columns.reduce(sum) { $0 + x.at(c, y, $1) } } }
    }

    package static func rows(_ rows: Range<Int>, of x: Tensor) -> Tensor {
        .picture([x.channels, rows.count, x.width]) { x.at($0, $1 + rows.lowerBound, $2) }
    }

    package static func scrollUp(_ x: inout Tensor, by rows: Int) {
        let before = x
        x = .picture(x.shape) { c, y, x in y + rows < before.height ? before.at(c, y + rows, x) : 0 }
    }

    package static func addWeighted(_ tile: Tensor, to strip: inout Tensor, top: Int, left: Int, rowWeights: [Float], columnWeights: Tensor)
    {
        let before = strip
        strip = .picture(strip.shape) { c, y, x in
            let inside = (0..<tile.height).contains(y - top) && (0..<tile.width).contains(x - left)
            return before.at(c, y, x)
                + (inside ? tile.at(c, y - top, x - left) * Double(rowWeights[y - top]) * Double(columnWeights.values[x - left]) : 0)
        }
    }

    /// a = -3/4, as PyTorch and most image programs have it.
    private static func cubic(_ distance: Double) -> Double {
        let a = -0.75
        if distance <= 1 { return ((a + 2) * distance - (a + 3)) * distance * distance + 1 }
        if distance < 2 { return ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a }
        return 0
    }
}
