/// Doubles height and width by repetition, then convolves (tensor `conv`). Pictures are aligned, so a skip connection's size is always
/// exactly twice.
struct Upsample: Sendable {
    private let conv: Convolution

    init(_ scope: WeightScope, _ channels: Int) {
        conv = Convolution(scope("conv"), channels, channels)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { conv(Ops.nearestX2Rows(x)) }

    /// Floats alive at the peak beyond the input.
    func memory(_ positions: Int) -> Int { conv.memoryWithRows(positions * 4) }

    /// - Parameter positions: of the input
    func multiplyAdds(_ positions: Int) -> Int { conv.multiplyAdds(positions * 4) }
}
