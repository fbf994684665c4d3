/// Halves height and width by a convolution of stride 2 (tensor `conv`).
struct Downsample: Sendable {
    private let conv: Convolution

    enum Border {
        /// Pads with a zero on every side, as in the UNet.
        case symmetric
        /// A zero at the right and the bottom only, as in the autoencoder.
        case behind
    }

    init(_ scope: WeightScope, _ channels: Int, _ border: Border) {
        let padding = border == .symmetric ? Padding(all: 1) : Padding(top: 0, left: 0, bottom: 1, right: 1)
        conv = Convolution(scope("conv"), channels, channels, stride: 2, padding: padding)
    }

    /// - Parameter x: `[channels, height, width]`, both even
    func callAsFunction(_ x: Tensor) -> Tensor { conv(x) }

    /// Floats that the result takes, for this many positions of the input.
    func memory(_ positions: Int) -> Int { conv.memory(positions / 4) }

    /// - Parameter positions: of the input
    func multiplyAdds(_ positions: Int) -> Int { conv.multiplyAdds(positions / 4) }
}
