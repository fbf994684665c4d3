@testable import Engine
import LoopReference
import Testing

/// 3x3 convolutions by F(4x4, 3x3), as the layers take it.
@Suite(.timeLimit(.minutes(60))) struct WinogradTests {
    /// By Winograd's algorithm: sides that are no multiples of a tile, rows of tiles shorter, as long as and longer than a block, chunks of
    /// several blocks and a short last one, outputs that fill no group, paddings that differ.
    static let winogradCases = [
        ConvolutionCase(inputs: 8, outputs: 8, height: 32, width: 32, side: 3, stride: 1, padding: Padding(all: 1)),
        ConvolutionCase(inputs: 20, outputs: 13, height: 37, width: 53, side: 3, stride: 1, padding: Padding(all: 1)),
        ConvolutionCase(inputs: 9, outputs: 24, height: 9, width: 131, side: 3, stride: 1, padding: Padding(all: 1)),
        ConvolutionCase(inputs: 8, outputs: 17, height: 5, width: 301, side: 3, stride: 1, padding: Padding(all: 1)),
        ConvolutionCase(inputs: 12, outputs: 8, height: 300, width: 3, side: 3, stride: 1, padding: Padding(all: 1)),
        ConvolutionCase(inputs: 16, outputs: 16, height: 40, width: 42, side: 3, stride: 1, padding: Padding(all: 0)),
        ConvolutionCase(
            inputs: 10, outputs: 9, height: 33, width: 35, side: 3, stride: 1, padding: Padding(top: 0, left: 1, bottom: 2, right: 0)),
    ]

    @Test(arguments: winogradCases, [1, 3])
    func winogradAgreesWithTheDefinition(_ c: ConvolutionCase, threads: Int) {
        let height = c.height + c.padding.top + c.padding.bottom - 2, width = c.width + c.padding.left + c.padding.right - 2
        #expect(
            Winograd(weight: [c.outputs, c.inputs, 3, 3], stride: 1, height: height, width: width) != nil, "\(c) is no case for Winograd")
        c.compare(threads: threads, tolerance: 5e-6)  // its constants reach from 1/24 to 8, which costs two bits
    }

    /// Panel by panel against chunk by chunk: half a block, one batch of blocks, several and a short last one, outputs that fill no group,
    /// inputs that take several slices and fill none.
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
}
