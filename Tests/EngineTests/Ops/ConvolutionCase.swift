import LoopReference
import Testing
@testable import Engine

/// Sizes of a convolution that is held against its definition.
struct ConvolutionCase: CustomStringConvertible, Sendable {
    let inputs, outputs, height, width, side, stride: Int
    let padding: Padding
    var description: String { "\(inputs)->\(outputs) \(height)x\(width) k\(side) s\(stride) \(padding)" }

    /// Against the definition: plain, with bias, added to a sum, activated.
    func compare(threads: Int, tolerance: Double) {
        Parallel.withThreads(threads) {
            var numbers = Numbers(seed: 1)
            let x = numbers.tensor([inputs, height, width])
            let weight = numbers.tensor([outputs, inputs, side, side])
            let bias = numbers.tensor([outputs])
            let plain = Reference.convolution(x, weight: weight, bias: bias, stride: stride, padding: padding)
            expectClose(
                Ops.convolution(x, weight: Weight(weight), bias: bias, stride: stride, padding: padding), plain, tolerance: tolerance,
                "\(self)")
            let sum = numbers.tensor(plain.shape)
            for activation in [Activation.relu, .silu] {
                expectClose(
                    Ops.convolution(
                        x, weight: Weight(weight), bias: bias, stride: stride, padding: padding, activation: activation, addedTo: sum),
                    Reference.convolution(
                        x, weight: weight, bias: bias, stride: stride, padding: padding, activation: activation, addedTo: sum),
                    tolerance: tolerance, "\(self) \(activation)")
            }
            expectClose(
                Ops.convolution(x, weight: Weight(weight), stride: stride, padding: padding),
                Reference.convolution(x, weight: weight, stride: stride, padding: padding), tolerance: tolerance, "\(self) without bias")
        }
    }
}
