@testable import Engine
import Foundation
import Testing

/// What a model folder holds and costs.
@Suite(.timeLimit(.minutes(60))) struct ModelReportTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        for file in ["config.json", "unet.safetensors", "controlnet.safetensors", "vae.safetensors", "fidediff.safetensors"] {
            try FileManager.default.copyItem(
                at: Fixtures.model("tiny").appendingPathComponent(file), to: directory.url.appendingPathComponent(file))
        }
    }

    @Test func theReportCountsWhatTheFilesHold() throws {
        let report = Deblurrer.inspectModel(at: directory.url, width: 64, height: 64)
        #expect(report.problems.isEmpty)
        let inFiles = try report.parts.reduce(0) { sum, part in
            try SafetensorsBuilder(contentsOf: directory.url.appendingPathComponent(part.file)).tensors.values.reduce(sum) {
                $0 + $1.bytes.count / 4
            }
        }
        #expect(report.parameters == inFiles)
        // M by hand: 64x64 positions; 3->4, 4->6, five 8->8 with 6->8 before them, 8->6 and 12->4 transposed, 8->25.
        let m = 4096 * 3 * 4 * 9 + 1024 * 4 * 6 * 9 + 256 * (6 * 8 + 5 * 8 * 8) * 9 + 256 * 8 * 6 * 4 + 1024 * 12 * 4 * 4 + 4096 * 8 * 25
        #expect(report.costs.first { $0.part == "kernel_estimator" }?.multiplyAdds == m)
    }
}
