@testable import Engine
import Foundation
import Synchronization
import Testing

/// Faults are named by their stage.
@Suite(.timeLimit(.minutes(60))) struct StageRecorderTests {
    /// A NaN among the weights is reported where it first shows, and no picture is returned.
    @Test(arguments: [
        ("unet.safetensors", "conv_in.bias", "noise"), ("fidediff.safetensors", "kernel_estimator.conv_in.bias", "timestep_value"),
        ("vae.safetensors", "decoder.conv.bias", "output"),
    ])
    func faultsAreReported(_ c: (file: String, tensor: String, stage: String)) throws {
        let directory = try TemporaryDirectory()
        let folder = directory.url.appendingPathComponent("model")
        try FileManager.default.copyItem(at: Fixtures.model("tiny-pixel"), to: folder)
        let url = folder.appendingPathComponent(c.file)
        var builder = try SafetensorsBuilder(contentsOf: url)
        builder.tensors[c.tensor]?.bytes.replaceSubrange(0..<4, with: [0, 0, 0xc0, 0x7f])
        try builder.data.write(to: url)
        let deblurrer = try Deblurrer(modelDirectory: folder)
        let data = try PhotographEncoder.encode(EngineTestPictures.smooth(width: 32, height: 32))
        #expect(throws: DeblurError.numericalFault(stage: c.stage)) { try deblurrer.deblur(data) }
    }
}
