import LoopReference
import Testing
@testable import Engine

/// What the kernel map tells the ControlNet (section 4.2).
@Suite(.timeLimit(.minutes(60))) struct KernelFilterTests {
    /// z2 = Conv(z1), W = Conv(Cat(k_in, z2)), F = Zero(W * z2): from the paper's text, on the fixtures' sizes.
    @Test(arguments: ["tiny", "tiny-pixel", "tiny-lags"]) func agreesWithThePaper(model: String) throws {
        let config = try ModelFolder(at: Fixtures.model(model)).config
        let (filter, w) = try LayerWeights.layer(seed: 1) { KernelFilter($0, config) }
        func conv(_ x: Tensor, _ name: String, side: Int, _ activation: Activation = .identity) -> Tensor {
            Reference.convolution(
                x, weight: w["\(name).weight"], bias: w["\(name).bias"], padding: Padding(all: side / 2), activation: activation)
        }
        let taps = config.kernelEstimator.m * config.kernelEstimator.m
        let per = config.kernelsPerLatent, of = config.latentsPerKernel, height = 4 * of, width = 3 * of
        var numbers = Numbers(seed: 2)
        let kernels = numbers.tensor([taps, height * per / of, width * per / of])
        let z1 = numbers.tensor([config.unet.blockOutChannels[0], height, width])
        let input = conv(Reference.meanPool(kernels, by: per), "kernel_in", side: 1, .silu)
        expectClose(filter.kernelInput(kernels), input, tolerance: 1e-5, "k_in")
        #expect(filter.inputCount(height * width) == input.count)
        let z2 = conv(z1, "z_in", side: 3)
        let weights = conv(Reference.concatenated(Reference.repeated(input, by: of), z2), "weight", side: 3)
        expectClose(
            filter(z1, kernels: input), conv(Reference.product(weights, z2), "zero", side: 1), tolerance: 1e-5, "F")
    }
}
