import Engine
import LoopReference
import Testing

@Suite(.timeLimit(.minutes(60))) struct OpsResamplingTests {
    @Test(arguments: [1, 2, 3, 4])
    func shufflesAgreeAndInvertEachOther(r: Int) {
        var numbers = Numbers(seed: 14)
        let x = numbers.tensor([3, 5 * r, 7 * r])
        let small = Ops.pixelUnshuffle(x, by: r)
        expectClose(small, Reference.pixelUnshuffle(x, by: r), tolerance: 0, "unshuffle by \(r)")
        expectClose(Ops.pixelShuffle(small, by: r), Reference.pixelShuffle(small, by: r), tolerance: 0, "shuffle by \(r)")
        expectClose(Ops.pixelShuffle(small, by: r), x, tolerance: 0, "there and back by \(r)")
        expectClose(Ops.meanPool(x, by: r), Reference.meanPool(x, by: r), "means by \(r)")
        expectClose(Ops.repeated(x, by: r), Reference.repeated(x, by: r), tolerance: 0, "repeated by \(r)")
    }

    @Test(arguments: [[1, 1, 1], [2, 1, 2], [1, 2, 1], [3, 2, 3], [2, 13, 37]])
    func enlargementsAgree(_ shape: [Int]) {
        var numbers = Numbers(seed: 15)
        let x = numbers.tensor(shape)
        expectClose(Ops.nearestX2Rows(x).tensor(), Reference.nearestX2(x), tolerance: 0, "nearest \(shape)")
        expectClose(Ops.bicubicX2(x), Reference.bicubicX2(x), "bicubic \(shape)")
    }

    @Test func rectanglesAndBandsAgree() {
        var numbers = Numbers(seed: 16)
        let x = numbers.tensor([37, 12, 19])
        for (rows, columns) in [(0..<12, 0..<19), (3..<4, 18..<19), (2..<9, 5..<16)] {
            let sums = Ops.rectangleSums(x, rows: rows, columns: columns), slow = Reference.rectangleSums(x, rows: rows, columns: columns)
            #expect(zip(sums, slow).allSatisfy { abs($0 - $1) < 1e-5 }, "\(rows) \(columns)")
            expectClose(Channels(rows: rows, of: x).tensor, Reference.rows(rows, of: x), tolerance: 0, "\(rows)")
            var scrolled = x, reference = x
            Ops.scrollUp(&scrolled, by: rows.upperBound)
            Reference.scrollUp(&reference, by: rows.upperBound)
            expectClose(scrolled, reference, tolerance: 0, "scrolled by \(rows.upperBound)")
        }
        expectClose(Ops.stackedRows([0..<5, 5..<6, 6..<12].map { Channels(rows: $0, of: x).tensor }), x, tolerance: 0, "stack")
    }
}
