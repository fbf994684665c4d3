import CLoops
import LoopReference
import Testing

@testable import Engine

@Suite(.timeLimit(.minutes(60))) struct BlockProductTests {
    /// Each length of vectors that this processor has, whole blocks and parts of one, with and without a sum and a bias.
    @Test(arguments: [4, 8, 16].filter { $0 <= loop_block_lanes() }, [(8, 32), (8, 17), (8, 16), (3, 32), (5, 16), (1, 1)])
    func everyLengthOfVectorsAgreesWithTheDefinition(lanes: Int, size: (rows: Int, columns: Int)) {
        var numbers = Numbers(seed: 12)
        let depth = 37, distance = 40
        let u = numbers.tensor([depth, 8]), v = numbers.tensor([depth, 32]), sum = numbers.tensor([8, distance]), bias = numbers.tensor([8])
        for adds in [false, true] {
            var out = Tensor(zeros: [8, distance])
            out.write { out in
                u.read { u in
                    v.read { v in
                        sum.read { sum in
                            bias.read {
                                loop_block_product(
                                    lanes, out, distance, size.rows, size.columns, u, v, depth, adds ? sum : nil, adds ? $0 : nil)
                            }
                        }
                    }
                }
            }
            var expected = Tensor(zeros: [8, distance])
            for row in 0..<size.rows {
                for column in 0..<size.columns {
                    let product = (0..<depth).reduce(0.0) { $0 + Double(u.values[$1 * 8 + row]) * Double(v.values[$1 * 32 + column]) }
                    expected.values[row * distance + column] = Float(
                        product + (adds ? Double(sum.values[row * distance + column]) + Double(bias.values[row]) : 0))
                }
            }
            expectClose(out, expected, tolerance: 2e-6, "\(lanes) lanes, \(size)")
        }
    }

    /// Rows and columns come to where the product reads them, and what fills a block up is zero.
    @Test func factorsAreLaidOutInGroupsAndBlocks() {
        var numbers = Numbers(seed: 13)
        for (rows, depth) in [(8, 40), (5, 33), (8, 7)] {
            let matrix = numbers.tensor([rows, depth])
            var group = Tensor(shape: [depth, 8], values: .init(repeating: 9, count: depth * 8))
            group.write { target in matrix.read { loop_block_rows(target, $0, depth, rows, depth) } }
            for k in 0..<depth {
                for row in 0..<8 { #expect(group.values[k * 8 + row] == (row < rows ? matrix.values[row * depth + k] : 0)) }
            }
        }
        let right = numbers.tensor([3, 70]), count = 67
        var blocks = Tensor(shape: [3, 3, 32], values: .init(repeating: 9, count: 288))
        blocks.write { target in right.read { loop_block_columns(target, $0, 70, 3, 96, count) } }
        for block in 0..<3 {
            for k in 0..<3 {
                for column in 0..<32 {
                    let place = block * 32 + column
                    #expect(blocks.values[(block * 3 + k) * 32 + column] == (place < count ? right.values[k * 70 + place] : 0))
                }
            }
        }
        let left = numbers.tensor([3, 21]), rows = 19
        var groups = Tensor(shape: [3, 3, 8], values: .init(repeating: 9, count: 72))
        groups.write { target in left.read { loop_block_transposed_rows(target, $0, 21, 3, 24, rows) } }
        for group in 0..<3 {
            for k in 0..<3 {
                for row in 0..<8 {
                    let place = group * 8 + row
                    #expect(groups.values[(group * 3 + k) * 8 + row] == (place < rows ? left.values[k * 21 + place] : 0))
                }
            }
        }
    }
}
