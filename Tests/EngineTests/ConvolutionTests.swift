@testable import Engine
import LoopReference
import Testing

@Suite(.timeLimit(.minutes(60))) struct ConvolutionTests {
    struct Case: CustomStringConvertible, Sendable {
        let inputs, outputs, height, width, side, stride: Int
        let padding: Padding
        var description: String { "\(inputs)->\(outputs) \(height)x\(width) k\(side) s\(stride) \(padding)" }
    }

    /// One pixel, one row, one column, odd sizes, both kinds of downsampling, several chunks shared by the cores, a depth of several
    /// slices, few
    /// positions under many channels.
    static let cases = [
        Case(inputs: 1, outputs: 1, height: 1, width: 1, side: 3, stride: 1, padding: Padding(all: 1)),
        Case(inputs: 3, outputs: 5, height: 1, width: 17, side: 3, stride: 1, padding: Padding(all: 1)),
        Case(inputs: 2, outputs: 4, height: 19, width: 1, side: 3, stride: 1, padding: Padding(all: 1)),
        Case(inputs: 5, outputs: 3, height: 7, width: 9, side: 3, stride: 2, padding: Padding(all: 1)),
        Case(inputs: 4, outputs: 6, height: 8, width: 10, side: 3, stride: 2, padding: Padding(top: 0, left: 0, bottom: 1, right: 1)),
        Case(inputs: 3, outputs: 2, height: 6, width: 5, side: 5, stride: 1, padding: Padding(all: 2)),
        Case(inputs: 3, outputs: 2, height: 9, width: 11, side: 1, stride: 2, padding: Padding(all: 0)),
        Case(inputs: 2, outputs: 3, height: 90, width: 61, side: 3, stride: 1, padding: Padding(all: 1)),
        Case(inputs: 40, outputs: 20, height: 60, width: 61, side: 3, stride: 2, padding: Padding(all: 1)),
        Case(inputs: 70, outputs: 33, height: 4, width: 3, side: 3, stride: 1, padding: Padding(all: 1)),
        Case(inputs: 9, outputs: 7, height: 13, width: 15, side: 1, stride: 1, padding: Padding(all: 0)),
    ]

    /// By Winograd's algorithm: sides that are no multiples of a tile, rows of tiles shorter, as long as and longer than a block, chunks of
    /// several blocks and a short last one, outputs that fill no group, paddings that differ.
    static let winogradCases = [
        Case(inputs: 8, outputs: 8, height: 32, width: 32, side: 3, stride: 1, padding: Padding(all: 1)),
        Case(inputs: 20, outputs: 13, height: 37, width: 53, side: 3, stride: 1, padding: Padding(all: 1)),
        Case(inputs: 9, outputs: 24, height: 9, width: 131, side: 3, stride: 1, padding: Padding(all: 1)),
        Case(inputs: 8, outputs: 17, height: 5, width: 301, side: 3, stride: 1, padding: Padding(all: 1)),
        Case(inputs: 12, outputs: 8, height: 300, width: 3, side: 3, stride: 1, padding: Padding(all: 1)),
        Case(inputs: 16, outputs: 16, height: 40, width: 42, side: 3, stride: 1, padding: Padding(all: 0)),
        Case(inputs: 10, outputs: 9, height: 33, width: 35, side: 3, stride: 1, padding: Padding(top: 0, left: 1, bottom: 2, right: 0)),
    ]

    @Test(arguments: winogradCases, [1, 3])
    func winogradAgreesWithTheDefinition(_ c: Case, threads: Int) {
        let height = c.height + c.padding.top + c.padding.bottom - 2, width = c.width + c.padding.left + c.padding.right - 2
        #expect(
            Winograd(weight: [c.outputs, c.inputs, 3, 3], stride: 1, height: height, width: width) != nil, "\(c) is no case for Winograd")
        compare(c, threads: threads, tolerance: 5e-6)  // its constants reach from 1/24 to 8, which costs two bits
    }

    /// Panel by panel against chunk by chunk: half a block, one batch of blocks, several and a short last one, outputs that fill no group,
    /// inputs
    /// that take several slices and fill none.
    @Test(arguments: [(20, 13, 37, 53), (700, 100, 16, 13), (200, 150, 33, 35), (1050, 28, 40, 42), (400, 17, 90, 77)], [1, 3])
    func wideLayersAgreeWithNarrowOnes(_ c: (inputs: Int, outputs: Int, height: Int, width: Int), threads: Int) throws {
        try Parallel.withThreads(threads) {
            var numbers = Numbers(seed: 2)
            let x = numbers.tensor([c.inputs, c.height, c.width]), weight = numbers.tensor([c.outputs, c.inputs, 3, 3]),
                bias = numbers.tensor([c.outputs])
            let sum = numbers.tensor([c.outputs, c.height, c.width])
            func result(isWide: Bool) throws -> Tensor {
                var winograd = try #require(Winograd(weight: weight.shape, stride: 1, height: c.height, width: c.width))
                winograd.isWide = isWide
                var target = Tensor(zeros: sum.shape)
                target.write { target in
                    sum.read {
                        winograd(
                            .init(target: target, weight: Weight(weight), bias: bias, padding: Padding(all: 1), activation: .silu, sum: $0),
                            x)
                    }
                }
                return target
            }
            let wide = try result(isWide: true)
            #expect(try wide.values == result(isWide: false).values)
        }
    }

    @Test(arguments: cases, [1, 3])
    func agreesWithTheDefinition(_ c: Case, threads: Int) { compare(c, threads: threads, tolerance: 2e-6) }

    private func compare(_ c: Case, threads: Int, tolerance: Double) {
        Parallel.withThreads(threads) {
            var numbers = Numbers(seed: 1)
            let x = numbers.tensor([c.inputs, c.height, c.width])
            let weight = numbers.tensor([c.outputs, c.inputs, c.side, c.side])
            let bias = numbers.tensor([c.outputs])
            let plain = Reference.convolution(x, weight: weight, bias: bias, stride: c.stride, padding: c.padding)
            expectClose(
                Ops.convolution(x, weight: Weight(weight), bias: bias, stride: c.stride, padding: c.padding), plain, tolerance: tolerance,
                "\(c)")
            let sum = numbers.tensor(plain.shape)
            for activation in [Activation.relu, .silu] {
                expectClose(
                    Ops.convolution(
                        x, weight: Weight(weight), bias: bias, stride: c.stride, padding: c.padding, activation: activation, addedTo: sum),
                    Reference.convolution(
                        x, weight: weight, bias: bias, stride: c.stride, padding: c.padding, activation: activation, addedTo: sum),
                    tolerance: tolerance, "\(c) \(activation)")
            }
            expectClose(
                Ops.convolution(x, weight: Weight(weight), stride: c.stride, padding: c.padding),
                Reference.convolution(x, weight: weight, stride: c.stride, padding: c.padding), tolerance: tolerance, "\(c) without bias")
        }
    }

    @Test(
        arguments: [[3, 5, 1], [7, 33, 2100], [65, 70, 3], [4, 2, 4097], [300, 21, 2000], [520, 130, 40], [600, 40, 1030]], [1, 3])
    func linearLayersAgree(_ sizes: [Int], threads: Int) {
        Parallel.withThreads(threads) {
            var numbers = Numbers(seed: 2)
            let x = numbers.tensor([sizes[0], sizes[2]]), weight = numbers.tensor([sizes[1], sizes[0]]), bias = numbers.tensor([sizes[1]])
            let sum = numbers.tensor([sizes[1], sizes[2]])
            expectClose(Ops.linear(Channels(x), weight: Weight(weight)), Reference.linear(x, weight: weight), "\(sizes)")
            expectClose(
                Ops.linear(Channels(x), weight: Weight(weight), bias: bias, activation: .silu, addedTo: sum),
                Reference.linear(x, weight: weight, bias: bias, activation: .silu, addedTo: sum), "\(sizes) with everything")
        }
    }

    /// Values and gates of matrices that are shared by positions and by outputs, with and without whole groups of eight.
    @Test(arguments: [[4, 1, 1], [5, 6, 37], [160, 72, 1100], [300, 264, 50], [40, 136, 1030], [600, 20, 1030]], [1, 3])
    func gatedLayersAgree(_ sizes: [Int], threads: Int) {
        Parallel.withThreads(threads) {
            var numbers = Numbers(seed: 5)
            let x = numbers.tensor([sizes[0], sizes[2]]), bias = numbers.tensor([2 * sizes[1]])
            let weight = numbers.tensor([2 * sizes[1], sizes[0]], scale: 3 / Float(sizes[0]).squareRoot())
            expectClose(
                Ops.geglu(Channels(x), weight: Weight(weight), bias: bias),
                Reference.geglu(Reference.linear(x, weight: weight, bias: bias)), "\(sizes)")
            expectClose(
                Ops.geglu(Channels(x), weight: Weight(weight)), Reference.geglu(Reference.linear(x, weight: weight)),
                "\(sizes) without bias")
        }
    }

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
