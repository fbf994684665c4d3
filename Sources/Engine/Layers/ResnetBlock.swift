/// diffusers' ResnetBlock2D: two convolutions, each behind a normalisation and SiLU, the timestep added between them, and a shortcut,
/// which is a 1x1 convolution where the number of channels changes.
struct ResnetBlock: Sendable {
    private let norm1, norm2: Normalization
    private let conv1, conv2: Convolution
    private let timeProjection: Linear?
    private let shortcut: Linear?

    /// - Parameter timeChannels: width of the time embedding; nil in the autoencoder, which knows no time
    init(_ scope: WeightScope, _ inputs: Int, _ outputs: Int, timeChannels: Int?, norm: Normalization.Kind, epsilon: Float) {
        norm1 = Normalization(scope("norm1"), inputs, norm, epsilon: epsilon)
        conv1 = Convolution(scope("conv1"), inputs, outputs)
        timeProjection = timeChannels.map { Linear(scope("time_emb_proj"), $0, outputs) }
        norm2 = Normalization(scope("norm2"), outputs, norm, epsilon: epsilon)
        conv2 = Convolution(scope("conv2"), outputs, outputs)
        shortcut = inputs == outputs ? nil : Linear(scope("conv_shortcut"), inputs, outputs, form: .convolution)
    }

    /// - Parameters:
    ///   - x: `[inputs, height, width]`
    ///   - time: SiLU of the time embedding, `[timeChannels, 1]`
    ///   - inPlace: whether the result may take the place of x, which nothing else holds
    /// - Returns: `[outputs, height, width]`
    func callAsFunction(_ x: consuming Tensor, time: Tensor? = nil, inPlace: Bool = false) -> Tensor {
        self(Channels(consume x), time: time, inPlace: inPlace)
    }

    func callAsFunction(_ x: consuming Channels, time: Tensor? = nil, inPlace: Bool = false) -> Tensor {
        let h = conv1(norm1.rows(of: x, activation: .silu), offset: timeOffset(time))
        let residual = shortcut?(x) ?? x.tensor
        _ = consume x
        return conv2(norm2.rows(of: Channels(h), activation: .silu), addedTo: consume residual, inPlace: inPlace || shortcut != nil)
    }

    var outputs: Int { conv1.outputs }

    /// Floats alive at the peak beyond the input.
    func memory(_ positions: Int) -> Int {
        max(conv1.memoryWithRows(positions), outputs * positions + conv2.memoryWithRows(positions))
    }

    private func timeOffset(_ time: Tensor?) -> Tensor? {
        guard let timeProjection, let time else { return nil }
        return timeProjection(time)
    }

    func multiplyAdds(_ positions: Int) -> Int {
        conv1.multiplyAdds(positions) + conv2.multiplyAdds(positions) + (shortcut?.multiplyAdds(positions) ?? 0)
            + (timeProjection?.multiplyAdds(1) ?? 0)
    }
}
