@testable import Engine
import Testing

/// One step from t, at each scale.
@Suite(.timeLimit(.minutes(60))) struct OneStepSolutionTests {
    /// What the smaller scale became reaches the result, and only through the change.
    @Test func theSmallerScaleIsHeard() throws {
        let network = try ModelFolder(at: Fixtures.model("tiny-lags")).load(), solution = OneStepSolution(network: network)
        var numbers = Numbers(seed: 43)
        let image = Ops.clamped(numbers.tensor([3, 64, 96]), low: 0, high: 1)
        func restored(_ halfInput: (Tensor) -> Tensor) throws -> [Float] {
            var inputs = solution.kernelInputs(of: image, scales: 2, projecting: true) { _, _ in }
            #expect(inputs.count == 2)
            inputs[1] = halfInput(inputs[1])
            return try solution.restored(image, kernelInputs: inputs, timestep: 123) { _ in }.values
        }
        let same = try restored { $0 }, other = try restored { Ops.affine($0, scale: 8, shift: 1) }
        #expect(same == (try restored { $0 }))
        let most = zip(same, other).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(most > 1e-4, "\(most)")
    }
}
