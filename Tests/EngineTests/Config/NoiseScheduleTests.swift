@testable import Engine
import Testing

@Suite(.timeLimit(.minutes(60))) struct NoiseScheduleTests {
    /// The paper's six timesteps.
    @Test func abarIsStableDiffusions() {
        let schedule = NoiseSchedule()
        let expected: [Int: Float] = [80: 0.918307, 120: 0.868684, 160: 0.813550, 200: 0.753692, 240: 0.690126, 280: 0.624058]
        for (t, abar) in expected { #expect(abs(schedule[t] - abar) < 1e-6, "abar at \(t) is \(schedule[t])") }
        #expect(schedule[0] == Float(1 - 0.00085))
        #expect(abs(schedule[999] - 0.0047) < 1e-4)
    }

    /// Noise put in by the forward process comes out again.
    @Test(arguments: [0, 80, 280, 999])
    func theSolutionInvertsTheForwardProcess(t: Int) {
        var numbers = Numbers(seed: 19)
        let clean = numbers.tensor([4, 3, 5]), noise = numbers.tensor([4, 3, 5]), schedule = NoiseSchedule()
        let latent = Ops.mix(clean, times: schedule[t].squareRoot(), noise, times: (1 - schedule[t]).squareRoot())
        expectClose(schedule.solution(latent, noise: noise, timestep: t, prediction: .epsilon), clean, tolerance: 1e-5, "t = \(t)")
        // With a residual, the noise is U + z_t (1 - sqrt(abar)) / sqrt(1 - abar).
        let share = (1 - schedule[t].squareRoot()) / (1 - schedule[t]).squareRoot()
        let residual = Ops.mix(noise, times: 1, latent, times: -share)
        expectClose(
            schedule.solution(latent, noise: residual, timestep: t, prediction: .residual), clean, tolerance: 1e-4, "t = \(t), residual")
    }

    @Test func noResidualReturnsTheInput() {
        var numbers = Numbers(seed: 20)
        let latent = numbers.tensor([2, 4, 4])
        expectClose(
            NoiseSchedule().solution(latent, noise: Tensor(zeros: [2, 4, 4]), timestep: 200, prediction: .residual), latent, tolerance: 0,
            "U = 0")
    }
}
