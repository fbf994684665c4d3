import Foundation

/// The timestep as a vector: cosines and sines of geometrically spaced frequencies, then two linear layers (tensors `linear_1`,
/// `linear_2`).
struct TimeEmbedding: Sendable {
    private let linear1, linear2: Linear
    private let waves: Int

    /// - Parameter channels: the first width of the network, even; the embedding is four times as wide
    init(_ scope: WeightScope, _ channels: Int) {
        waves = channels
        linear1 = Linear(scope("linear_1"), channels, channels * 4)
        linear2 = Linear(scope("linear_2"), channels * 4, channels * 4)
    }

    /// - Returns: SiLU of the embedding, `[4 * channels, 1]`: every resnet that takes it begins by that
    func callAsFunction(_ timestep: Int) -> Tensor {
        linear2(linear1(Self.sinusoids(timestep, channels: waves), activation: .silu), activation: .silu)
    }

    /// cos(t f_i), then sin(t f_i), with f_i = 10000^(-i / half) for i in 0 ..< half: `[channels, 1]`.
    static func sinusoids(_ timestep: Int, channels: Int) -> Tensor {
        let half = channels / 2
        // Angles reach 999: in single precision they would be off by 3e-5, and are so in the reference.
        let angles = (0..<half).map { Float(timestep) * Float(exp(-log(10000.0) * Double($0) / Double(half))) }
        return Tensor(shape: [channels, 1], values: angles.map { Float(cos(Double($0))) } + angles.map { Float(sin(Double($0))) })
    }

    var multiplyAdds: Int { linear1.multiplyAdds(1) + linear2.multiplyAdds(1) }
}
