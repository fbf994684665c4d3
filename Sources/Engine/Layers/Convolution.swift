/// A convolution with bias: tensors `weight [outputs, inputs, k, k]` and `bias [outputs]`.
struct Convolution: Sendable {
    private let weight: Weight
    private let bias: Tensor
    private let stride: Int
    private let padding: Padding

    /// - Parameter padding: nil keeps the size (at stride 1)
    init(_ scope: WeightScope, _ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1, padding: Padding? = nil) {
        weight = scope.weight("weight", shape: [outputs, inputs, kernel, kernel])
        bias = scope.tensor("bias", shape: [outputs])
        self.stride = stride
        self.padding = padding ?? Padding(all: kernel / 2)
    }

    /// - Parameters:
    ///   - x: `[inputs, height, width]`
    ///   - offset: `[outputs]`, added to the bias
    ///   - sum: what the result is added to
    func callAsFunction(_ x: Tensor, offset: Tensor? = nil, activation: Activation = .identity, addedTo sum: Tensor? = nil) -> Tensor {
        let shift = offset.map { Ops.sum($0.reshaped(bias.shape), bias) } ?? bias
        return Ops.convolution(x, weight: weight, bias: shift, stride: stride, padding: padding, activation: activation, addedTo: sum)
    }

    /// For this many positions of the output.
    func multiplyAdds(_ positions: Int) -> Int { weight.shape.reduce(1, *) * positions }

    /// Floats of what is alive at the peak beyond the input: the result and what Winograd's algorithm transforms.
    func memory(_ positions: Int) -> Int {
        outputs * positions + (weight.shape[2] == 3 && stride == 1 ? Winograd.memory(weight: weight.shape, positions: positions) : 0)
    }

    var outputs: Int { weight.shape[0] }
}
