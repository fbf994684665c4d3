import Engine
import Foundation
import Testing

/// Every stage of the network against the PyTorch twin's, on the golden fixtures.
@Suite(.timeLimit(.minutes(60))) struct StageComparisonTests {
    @Test(arguments: Fixtures.names)
    func everyStageAgreesWithPyTorch(model: String) throws {
        let folder = Fixtures.model(model)
        let comparisons = try Deblurrer.compareStages(model: folder, stages: folder.appendingPathComponent("stages.safetensors"))
        #expect(comparisons.count >= 14)
        for stage in comparisons {
            #expect(stage.relativeL2 <= 1e-4, "\(model): \(stage.name) is off by \(stage.relativeL2) (largest difference \(stage.maxAbs))")
        }
    }
}
