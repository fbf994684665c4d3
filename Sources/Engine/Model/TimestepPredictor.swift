import Foundation

/// T (section 4.1, supplement A and C): the kernel map -> a value v in 0...1 -> the timestep at which the blur belongs. With several scales
/// it is given the map that M finds at each, side by side: what is too long or too faint to be seen at one shows at another.
struct TimestepPredictor: Sendable {
    private let linear, fc1, fc2: Linear

    init(_ scope: WeightScope, taps: Int, scales: Int, _ config: ModelConfig.TimestepPredictor) {
        linear = Linear(scope("linear"), scales * taps, config.width)
        fc1 = Linear(scope("fc1"), config.width * KernelPool.bins * KernelPool.bins, config.hidden)
        fc2 = Linear(scope("fc2"), config.hidden, 1)
    }

    /// The sigmoid's value v.
    /// - Parameter pools: of the map at each scale, the picture's own first
    func callAsFunction(_ pools: [KernelPool]) -> Float {
        let pooled = linear(Channels(pools.map(\.means)))  // [width, 64]
        let hidden = fc1(pooled.reshaped([pooled.count, 1]), activation: .relu)
        return 1 / (1 + exp(-fc2(hidden).values[0]))
    }

    /// 0.15 is 80 (five frames), 0.85 is 280 (fifteen): a line through supplement A's six pairs.
    /// - Parameter v: finite
    static func timestep(ofValue v: Float) -> Int {
        let t = (80 + (v - 0.15) * 40 / 0.14).rounded(.toNearestOrEven)
        return min(max(Int(t), 0), NoiseSchedule.steps - 1)
    }

    var multiplyAdds: Int { linear.multiplyAdds(KernelPool.bins * KernelPool.bins) + fc1.multiplyAdds(1) + fc2.multiplyAdds(1) }
}
