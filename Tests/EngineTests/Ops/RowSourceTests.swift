@testable import Engine
import LoopReference
import Testing

/// Rows made as they are read.
@Suite(.timeLimit(.minutes(60))) struct RowSourceTests {
    /// Rows that are made as they are read give what the whole picture gives, in narrow layers and wide ones, too small ones and several
    /// bands.
    @Test(arguments: [(8, 8, 32, 32), (20, 16, 37, 53), (24, 40, 10, 301), (16, 8, 300, 3), (640, 104, 16, 18), (8, 8, 6, 6)], [1, 3])
    func rowsAgreeWithTheWhole(_ c: (inputs: Int, outputs: Int, height: Int, width: Int), threads: Int) {
        Parallel.withThreads(threads) {
            var numbers = Numbers(seed: 5)
            let x = numbers.tensor([c.inputs, c.height, c.width]), weight = numbers.tensor([c.outputs, c.inputs, 3, 3]),
                bias = numbers.tensor([c.outputs])
            let scale = numbers.tensor([c.inputs]), shift = numbers.tensor([c.inputs]),
                sum = numbers.tensor([c.outputs, c.height, c.width])
            func convolved(_ rows: RowSource, inPlace: Bool) -> Tensor {
                Ops.convolution(rows, weight: Weight(weight), bias: bias, padding: Padding(all: 1), addedTo: sum, inPlace: inPlace)
            }
            let grouped = Reference.groupNorm(x, groups: c.inputs / 4, weight: scale, bias: shift, epsilon: 1e-5, activation: .silu)
            let pixelwise = Reference.pixelNorm(x, weight: scale, bias: shift, epsilon: 1e-5, activation: .silu)
            for (rows, whole) in [
                (
                    Ops.groupNormRows(Channels(x), groups: c.inputs / 4, weight: scale, bias: shift, epsilon: 1e-5, activation: .silu),
                    grouped
                ),
                (Ops.pixelNormRows(Channels(x), weight: scale, bias: shift, epsilon: 1e-5, activation: .silu), pixelwise),
            ] {
                let expected = Ops.convolution(whole, weight: Weight(weight), bias: bias, padding: Padding(all: 1), addedTo: sum)
                expectClose(convolved(rows, inPlace: false), expected, tolerance: 5e-6, "\(c)")
                #expect(convolved(rows, inPlace: true).values == convolved(rows, inPlace: false).values)
            }
            let small = numbers.tensor([c.inputs, c.height / 2, (c.width + 1) / 2]), doubled = Reference.nearestX2(small)
            expectClose(
                Ops.convolution(Ops.nearestX2Rows(small), weight: Weight(weight), bias: bias, padding: Padding(all: 1)),
                Ops.convolution(doubled, weight: Weight(weight), bias: bias, padding: Padding(all: 1)), "\(c) doubled")
        }
    }
}
