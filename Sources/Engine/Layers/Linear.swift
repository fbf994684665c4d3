/// A linear layer over the channels at every position: tensors `weight [outputs, inputs]` and, unless switched off, `bias [outputs]`.
struct Linear: Sendable {
    private let weight: Weight
    private let bias: Tensor?

    enum Form {
        case matrix
        /// `[outputs, inputs, 1, 1]`
        case convolution
        /// Either, as autoencoders of before 2023 and after have it.
        case either
    }

    init(_ scope: WeightScope, _ inputs: Int, _ outputs: Int, bias: Bool = true, form: Form = .matrix) {
        let shape = [outputs, inputs] + (form == .convolution ? [1, 1] : [])
        weight = scope.weight("weight", shape: shape, allowingTrailingOnes: form == .either)
        self.bias = bias ? scope.tensor("bias", shape: [outputs]) : nil
    }

    /// - Parameter x: `[inputs, ...]`
    func callAsFunction(_ x: Tensor, activation: Activation = .identity, addedTo sum: Tensor? = nil) -> Tensor {
        Ops.linear(x, weight: weight, bias: bias, activation: activation, addedTo: sum)
    }

    func multiplyAdds(_ positions: Int) -> Int { weight.shape.reduce(1, *) * positions }
}
