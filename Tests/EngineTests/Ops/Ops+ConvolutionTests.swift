@testable import Engine
import LoopReference
import Testing

@Suite(.timeLimit(.minutes(60))) struct OpsConvolutionTests {
    /// One pixel, one row, one column, odd sizes, both kinds of downsampling, several chunks shared by the cores, a depth of several
    /// slices, few positions under many channels.
    static let cases = [
        ConvolutionCase(inputs: 1, outputs: 1, height: 1, width: 1, side: 3, stride: 1, padding: Padding(all: 1)),
        ConvolutionCase(inputs: 3, outputs: 5, height: 1, width: 17, side: 3, stride: 1, padding: Padding(all: 1)),
        ConvolutionCase(inputs: 2, outputs: 4, height: 19, width: 1, side: 3, stride: 1, padding: Padding(all: 1)),
        ConvolutionCase(inputs: 5, outputs: 3, height: 7, width: 9, side: 3, stride: 2, padding: Padding(all: 1)),
        ConvolutionCase(
            inputs: 4, outputs: 6, height: 8, width: 10, side: 3, stride: 2, padding: Padding(top: 0, left: 0, bottom: 1, right: 1)),
        ConvolutionCase(inputs: 3, outputs: 2, height: 6, width: 5, side: 5, stride: 1, padding: Padding(all: 2)),
        ConvolutionCase(inputs: 3, outputs: 2, height: 9, width: 11, side: 1, stride: 2, padding: Padding(all: 0)),
        ConvolutionCase(inputs: 2, outputs: 3, height: 90, width: 61, side: 3, stride: 1, padding: Padding(all: 1)),
        ConvolutionCase(inputs: 40, outputs: 20, height: 60, width: 61, side: 3, stride: 2, padding: Padding(all: 1)),
        ConvolutionCase(inputs: 70, outputs: 33, height: 4, width: 3, side: 3, stride: 1, padding: Padding(all: 1)),
        ConvolutionCase(inputs: 9, outputs: 7, height: 13, width: 15, side: 1, stride: 1, padding: Padding(all: 0)),
    ]

    @Test(arguments: cases, [1, 3])
    func agreesWithTheDefinition(_ c: ConvolutionCase, threads: Int) { c.compare(threads: threads, tolerance: 2e-6) }

    @Test func theSumIsNotChanged() {
        var numbers = Numbers(seed: 3)
        let x = numbers.tensor([2, 4, 4]), weight = numbers.tensor([2, 2, 3, 3]), sum = numbers.tensor([2, 4, 4])
        let before = sum.values
        _ = Ops.convolution(x, weight: Weight(weight), padding: Padding(all: 1), addedTo: sum)
        #expect(sum.values == before)
        _ = Ops.convolution(x, weight: Weight(weight), padding: Padding(all: 1), addedTo: sum, inPlace: true)
        #expect(sum.values == before, "what is held elsewhere as well stays")
    }

    @Test(arguments: [[1, 1, 1, 1], [3, 5, 4, 7], [6, 2, 31, 29]])
    func transposedConvolutionsAgree(_ s: [Int]) {
        var numbers = Numbers(seed: 4)
        let x = numbers.tensor([s[0], s[2], s[3]]), weight = numbers.tensor([s[0], s[1], 2, 2]), bias = numbers.tensor([s[1]])
        expectClose(
            Ops.transposedConvolution2x2(x, weight: weight, bias: bias, activation: .relu),
            Reference.transposedConvolution2x2(x, weight: weight, bias: bias, activation: .relu), "\(s)")
    }
}
