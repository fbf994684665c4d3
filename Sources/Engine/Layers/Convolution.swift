/// A convolution with bias: tensors `weight [outputs, inputs, k, k]` and `bias [outputs]`.
struct Convolution: Sendable {
    private let weight: Weight
    private let bias: Tensor
    private let stride: Int
    private let padding: Padding

    /// - Parameter padding: nil keeps the size (at stride 1)
    init(_ scope: WeightScope, _ inputs: Int, _ outputs: Int, side: Int = 3, stride: Int = 1, padding: Padding? = nil) {
        weight = scope.weight("weight", shape: [outputs, inputs, side, side])
        bias = scope.tensor("bias", shape: [outputs])
        self.stride = stride
        self.padding = padding ?? Padding(all: side / 2)
    }

    /// - Parameters:
    ///   - x: `[inputs, height, width]`
    ///   - offset: `[outputs]`, added to the bias
    ///   - sum: what the result is added to
    ///   - inPlace: whether the result may take the place of `sum`, which nothing else holds
    func callAsFunction(
        _ x: Tensor, offset: Tensor? = nil, activation: Activation = .identity, addedTo sum: consuming Tensor? = nil, inPlace: Bool = false
    ) -> Tensor {
        Ops.convolution(
            x, weight: weight, bias: shifted(offset), stride: stride, padding: padding, activation: activation, addedTo: consume sum,
            inPlace: inPlace)
    }

    /// Convolves a picture that is made as its rows are read.
    func callAsFunction(_ x: RowSource, offset: Tensor? = nil, addedTo sum: consuming Tensor? = nil, inPlace: Bool = false) -> Tensor {
        Ops.convolution(x, weight: weight, bias: shifted(offset), stride: stride, padding: padding, addedTo: consume sum, inPlace: inPlace)
    }

    private func shifted(_ offset: Tensor?) -> Tensor { offset.map { Ops.sum($0.reshaped(bias.shape), bias) } ?? bias }

    /// Multiply-adds for this many positions of the output.
    func multiplyAdds(_ positions: Int) -> Int { weight.shape.reduce(1, *) * positions }

    /// Floats of what is alive at the peak beyond the input: the result and what Winograd's algorithm transforms.
    func memory(_ positions: Int) -> Int {
        outputs * positions + (weight.shape[2] == 3 && stride == 1 ? Winograd.memory(weight: weight.shape, positions: positions) : 0)
    }

    /// Floats that are taken where the input is made as its rows are read, or else before.
    func memoryWithRows(_ positions: Int) -> Int {
        memory(positions) + (Winograd.takesRows(weight: weight.shape, positions: positions) ? 0 : weight.shape[1] * positions)
    }

    var outputs: Int { weight.shape[0] }
}
