/// A normalisation with weight and bias `[channels]`, fused with the activation behind it.
struct Normalization: Sendable {
    enum Kind: Sendable {
        /// Over groups of channels and all positions; stands at this many groups.
        case group(Int)
        /// Normalises each position over the channels: a tile and the whole picture agree. On tokens it is layer normalisation.
        case pixel
    }

    private let kind: Kind
    private let weight: Tensor
    private let bias: Tensor
    private let epsilon: Float

    init(_ scope: WeightScope, _ channels: Int, _ kind: Kind, epsilon: Float) {
        self.kind = kind
        self.epsilon = epsilon
        weight = scope.tensor("weight", shape: [channels])
        bias = scope.tensor("bias", shape: [channels])
    }

    /// - Parameter x: `[channels, ...]`
    func callAsFunction(_ x: Tensor, activation: Activation = .identity) -> Tensor {
        switch kind {
        case .group(let groups):
            Ops.groupNorm(Channels(x), groups: groups, weight: weight, bias: bias, epsilon: epsilon, activation: activation)
        case .pixel: Ops.pixelNorm(Channels(x), weight: weight, bias: bias, epsilon: epsilon, activation: activation)
        }
    }

    /// The normalised picture for a convolution, made as that reads its rows.
    func rows(of x: Channels, activation: Activation) -> RowSource {
        switch kind {
        case .group(let groups): Ops.groupNormRows(x, groups: groups, weight: weight, bias: bias, epsilon: epsilon, activation: activation)
        case .pixel: Ops.pixelNormRows(x, weight: weight, bias: bias, epsilon: epsilon, activation: activation)
        }
    }
}

extension ModelConfig {
    /// The kind of normalisation in UNet and ControlNet.
    var normalization: Normalization.Kind { norm == .pixel ? .pixel : .group(unet.normNumGroups) }
}
