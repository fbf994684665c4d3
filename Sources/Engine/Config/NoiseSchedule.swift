/// Stable Diffusion's schedule: abar_t = product of 1 - beta_s for s <= t, with sqrt(beta) evenly spaced ("scaled linear") over 1000 steps.
struct NoiseSchedule: Sendable {
    static let steps = 1000

    private let abar: [Float]

    init() {
        let first = 0.00085.squareRoot(), last = 0.012.squareRoot()
        var product = 1.0
        abar = (0..<Self.steps).map { step in
            let root = first + (last - first) * Double(step) / Double(Self.steps - 1)
            product *= 1 - root * root
            return Float(product)
        }
    }

    /// abar at a timestep in 0 ..< 1000.
    subscript(timestep: Int) -> Float { abar[timestep] }

    /// z_0 of Eq. 3 from the latent of the blurry picture and U's output, both `[channels, height, width]`.
    func solution(_ latent: Tensor, noise: Tensor, timestep: Int, prediction: ModelConfig.Prediction) -> Tensor {
        let abar = self[timestep]
        switch prediction {
        case .epsilon:
            // z_0 = (z_t - sqrt(1 - abar) e) / sqrt(abar)
            return Ops.mix(latent, times: 1 / abar.squareRoot(), noise, times: -((1 - abar) / abar).squareRoot())
        case .residual:
            // e = U + z_t (1 - sqrt(abar)) / sqrt(1 - abar) put into the line above
            return Ops.mix(latent, times: 1, noise, times: -((1 - abar) / abar).squareRoot())
        }
    }
}
