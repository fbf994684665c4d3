/// F (section 4.2): what the kernel map tells the ControlNet. z2 = Conv(z1), W = Conv(Cat(k_in, z2)), F = Zero(W * z2), the product taken
/// element by element; the ControlNet adds z1 itself.
struct KernelFilter: Sendable {
    /// Positions of the kernel map along one side of a latent position.
    let ratio: Int
    private let latentIn, kernelIn, weight, zero: Convolution

    init(_ scope: WeightScope, taps: Int, channels: Int, ratio: Int) {
        self.ratio = ratio
        latentIn = Convolution(scope("z_in"), channels, channels)
        kernelIn = Convolution(scope("kernel_in"), taps, channels, kernel: 1)
        weight = Convolution(scope("weight"), channels * 2, channels)
        zero = Convolution(scope("zero"), channels, channels, kernel: 1)
    }

    /// k_in of a band of the kernel map.
    /// - Parameter kernels: `[taps, rows, width]`, rows a multiple of `ratio`
    /// - Returns: `[channels, rows / ratio, width / ratio]`
    func kernelInput(_ kernels: Tensor) -> Tensor {
        kernelIn(ratio > 1 ? Ops.meanPool(kernels, by: ratio) : kernels, activation: .silu)
    }

    /// - Parameters:
    ///   - z1: the ControlNet's conv_in of the latent, `[channels, height, width]`
    ///   - kernels: k_in, of the same shape
    /// - Returns: F, of the same shape
    func callAsFunction(_ z1: Tensor, kernels: Tensor) -> Tensor {
        let z2 = latentIn(z1)
        return zero(Ops.product(weight(RowSource(Channels(kernels, z2))), z2))
    }

    /// - Parameter positions: of the latent
    func multiplyAdds(_ positions: Int) -> Int {
        latentIn.multiplyAdds(positions) + kernelIn.multiplyAdds(positions) + weight.multiplyAdds(positions) + zero.multiplyAdds(positions)
    }
}
