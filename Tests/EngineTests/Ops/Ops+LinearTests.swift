@testable import Engine
import LoopReference
import Testing

/// Linear layers against their definition.
@Suite(.timeLimit(.minutes(60))) struct OpsLinearTests {
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
}
