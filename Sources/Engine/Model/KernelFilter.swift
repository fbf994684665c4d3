/// F (section 4.2): what the kernel map tells the ControlNet. z2 = Conv(z1), W = Conv(Cat(k_in, z2)), F = Zero(W * z2), the product taken
/// element by element; the ControlNet adds z1 itself.
struct KernelFilter: Sendable {
    /// Positions of the kernel map along one side of a latent position, and of the latent along one of the kernel map; one of the two is 1.
    private let kernelsPerLatent, latentsPerKernel: Int
    private let latentIn, kernelIn, weight, zero: Convolution

    init(_ scope: WeightScope, _ config: ModelConfig) {
        let taps = config.kernelEstimator.m * config.kernelEstimator.m, channels = config.unet.blockOutChannels[0]
        (kernelsPerLatent, latentsPerKernel) = (config.kernelsPerLatent, config.latentsPerKernel)
        latentIn = Convolution(scope("z_in"), channels, channels)
        kernelIn = Convolution(scope("kernel_in"), taps, channels, side: 1)
        weight = Convolution(scope("weight"), channels * 2, channels)
        zero = Convolution(scope("zero"), channels, channels, side: 1)
    }

    /// k_in of a band of the kernel map, on the coarser one of its grid and the latent's.
    /// - Parameter kernels: `[taps, rows, width]`, rows a multiple of `kernelsPerLatent`
    /// - Returns: `[channels, rows / kernelsPerLatent, width / kernelsPerLatent]`
    func kernelInput(_ kernels: Tensor) -> Tensor {
        kernelIn(kernelsPerLatent > 1 ? Ops.meanPool(kernels, by: kernelsPerLatent) : kernels, activation: .silu)
    }

    /// - Parameters:
    ///   - z1: the ControlNet's conv_in of the latent, `[channels, height, width]`
    ///   - kernels: k_in
    /// - Returns: F, of the same shape as z1
    func callAsFunction(_ z1: Tensor, kernels: Tensor) -> Tensor {
        let z2 = latentIn(z1), k = latentsPerKernel > 1 ? Ops.repeated(kernels, by: latentsPerKernel) : kernels
        return zero(Ops.product(weight(RowSource(Channels(k, z2))), z2))
    }

    /// Values of k_in.
    /// - Parameter positions: of the latent
    func inputCount(_ positions: Int) -> Int { kernelIn.outputs * positions / (latentsPerKernel * latentsPerKernel) }

    /// - Parameter positions: of the latent
    func multiplyAdds(_ positions: Int) -> Int {
        latentIn.multiplyAdds(positions) + kernelIn.multiplyAdds(positions / (latentsPerKernel * latentsPerKernel))
            + weight.multiplyAdds(positions) + zero.multiplyAdds(positions)
    }
}
