import Foundation
import Testing

/// `fidediff model` as people run it.
@Suite(.timeLimit(.minutes(60))) struct ModelCommandTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder()
    }

    @Test func inspectsAndVerifiesModels() throws {
        let model = GatedEngine.fixtures.appendingPathComponent("tiny")
        let good = try folder.run("model", "inspect", model.path)
        #expect(good.code == 0 && good.output.contains("can be loaded") && good.output.contains("unet"))
        let stages = model.appendingPathComponent("stages.safetensors").path
        let verified = try folder.run("model", "verify", model.path, "--stages", stages)
        #expect(verified.code == 0 && verified.output.contains("latent_clean"))
        #expect(try folder.run("model", "verify", model.path, "--stages", stages, "--tolerance", "0").code == 1)

        let damaged = folder.url.appendingPathComponent("model")
        try FileManager.default.copyItem(at: model, to: damaged)
        try FileManager.default.removeItem(at: damaged.appendingPathComponent("vae.safetensors"))
        #expect(try folder.run("model", "inspect", model.path, "--size", "640x360").output.contains("640x360"))
        for wrong in ["640", "640x", "x360", "640x360x3", "-640x360", "8x8"] {
            #expect(try folder.run("model", "inspect", model.path, "--size=\(wrong)").code != 0, "\(wrong)")
        }
        let bad = try folder.run("model", "inspect", damaged.path, "--json")
        #expect(bad.code == 1)
        let refused = try folder.run("blur-level", "--model", damaged.path, folder.path("in/a.png"))
        #expect(refused.code == 1 && refused.errors.contains(damaged.path) && refused.errors.contains("vae.safetensors"))
        #expect(try JSONValue(json: Data(bad.output.utf8))["problems"]?.strings.contains { $0.contains("vae.safetensors") } == true)
    }
}
