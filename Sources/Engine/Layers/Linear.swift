/// A linear layer over the channels at every position: tensors `weight [outputs, inputs]` and, unless switched off, `bias [outputs]`.
struct Linear: Sendable {
    private let weight: Weight
    private let bias: Tensor?

    enum Form {
        case matrix
        /// Weights are stored as those of a 1x1 convolution, `[outputs, inputs, 1, 1]`.
        case convolution
        /// Either, as autoencoders of before 2023 and after have it.
        case either
    }

    init(_ scope: WeightScope, _ inputs: Int, _ outputs: Int, bias: Bool = true, form: Form = .matrix) {
        let shape = [outputs, inputs] + (form == .convolution ? [1, 1] : [])
        weight = scope.weight("weight", shape: shape, allowingTrailingOnes: form == .either)
        self.bias = bias ? scope.tensor("bias", shape: [outputs]) : nil
    }

    /// - Parameters:
    ///   - x: `[inputs, ...]`, or inputs of several tensors
    ///   - sum: what the result is added to
    ///   - inPlace: whether the result may take the place of `sum`, which nothing else holds
    func callAsFunction(_ x: Tensor, activation: Activation = .identity, addedTo sum: consuming Tensor? = nil, inPlace: Bool = false)
        -> Tensor
    {
        self(Channels(x), activation: activation, addedTo: consume sum, inPlace: inPlace)
    }

    func callAsFunction(_ x: Channels, activation: Activation = .identity, addedTo sum: consuming Tensor? = nil, inPlace: Bool = false)
        -> Tensor
    {
        Ops.linear(x, weight: weight, bias: bias, activation: activation, addedTo: consume sum, inPlace: inPlace)
    }

    /// The first half of the outputs, each times GELU of its gate in the second.
    func gated(_ x: Tensor) -> Tensor { Ops.geglu(Channels(x), weight: weight, bias: bias) }

    func multiplyAdds(_ positions: Int) -> Int { weight.shape.reduce(1, *) * positions }
}
