@testable import Engine
import Foundation
import Testing

/// A fixture's folder, copied and then changed: each change must be named, with the file, the tensor and both shapes.
@Suite(.timeLimit(.minutes(60))) struct ModelFolderTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        for file in ["config.json", "unet.safetensors", "controlnet.safetensors", "vae.safetensors", "fidediff.safetensors"] {
            try FileManager.default.copyItem(
                at: Fixtures.model("tiny").appendingPathComponent(file), to: directory.url.appendingPathComponent(file))
        }
    }

    private func change(_ file: String, _ body: (inout SafetensorsBuilder) throws -> Void) throws {
        let url = directory.url.appendingPathComponent(file)
        var builder = try SafetensorsBuilder(contentsOf: url)
        try body(&builder)
        try builder.data.write(to: url)
    }

    private func problems() throws -> [ModelError] {
        do {
            _ = try ModelFolder(at: directory.url).load()
            return []
        } catch let error as ModelError {
            return error.all
        }
    }

    @Test func aMissingTensorIsNamed() throws {
        try change("unet.safetensors") { $0.tensors["up_blocks.1.attentions.0.transformer_blocks.0.ff.net.2.bias"] = nil }
        let name = "up_blocks.1.attentions.0.transformer_blocks.0.ff.net.2.bias"
        #expect(try problems() == [.missing(file: "unet.safetensors", tensor: name, shape: [16])])
    }

    @Test func aMisshapenTensorIsNamedWithBothShapes() throws {
        try change("fidediff.safetensors") { builder in
            builder.tensors["timestep_predictor.fc1.weight"]?.shape.reverse()
            builder.tensors["kernel_estimator.conv_out.weight"]?.shape.removeLast(2)
        }
        #expect(
            try problems() == [
                .misshapen(
                    file: "fidediff.safetensors", tensor: "kernel_estimator.conv_out.weight", expected: [25, 8, 1, 1], found: [25, 8]),
                .misshapen(file: "fidediff.safetensors", tensor: "timestep_predictor.fc1.weight", expected: [8, 256], found: [256, 8]),
            ])
    }

    @Test func anUnusedTensorIsNamed() throws {
        try change("controlnet.safetensors") { $0.add("down_blocks.7.extra", [2], floats: [0, 0]) }
        #expect(try problems() == [.unused(file: "controlnet.safetensors", tensor: "down_blocks.7.extra", shape: [2])])
    }

    @Test func anAbsentFileIsNamedAlone() throws {
        try FileManager.default.removeItem(at: directory.url.appendingPathComponent("vae.safetensors"))
        let found = try problems()
        #expect(found.count == 1)
        guard case .unreadable(file: "vae.safetensors", _)? = found.first else {
            Issue.record("\(found)")
            return
        }
    }

    @Test func aTruncatedFileIsNamed() throws {
        let url = directory.url.appendingPathComponent("unet.safetensors")
        try Data(contentsOf: url).dropLast(10).write(to: url)
        guard case .truncated(file: "unet.safetensors", let tensor, let needed, let found)? = try problems().first else {
            Issue.record("not found truncated")
            return
        }
        #expect(!tensor.isEmpty && found == needed - 10)
    }

    @Test func aConfigurationThatContradictsItsWeightsIsNamed() throws {
        let url = directory.url.appendingPathComponent("config.json")
        let text = try String(contentsOf: url, encoding: .utf8).replacingOccurrences(
            of: "\"prompt_tokens\": 3", with: "\"prompt_tokens\": 9")
        try Data(text.utf8).write(to: url)
        #expect(
            try problems() == [.misshapen(file: "fidediff.safetensors", tensor: "prompt_embedding", expected: [9, 16], found: [3, 16])])
    }

    @Test func everythingWrongIsToldAtOnce() throws {
        try change("unet.safetensors") { $0.tensors["conv_in.bias"] = nil }
        try change("vae.safetensors") { $0.add("extra", [1], floats: [0]) }
        #expect(try problems().count == 2)
        let report = Deblurrer.inspectModel(at: directory.url)
        #expect(report.problems.count == 2 && report.parts.count == 4 && report.multiplyAdds > 0)
        #expect(report.problems.map(\.description).joined().contains("conv_in.bias"))
    }

    /// The names and shapes of Stable Diffusion's own files.
    @Test func oldAutoencoderNamesAreUnderstood() throws {
        let stages = Fixtures.model("tiny").appendingPathComponent("stages.safetensors")
        let before = try Deblurrer.compareStages(model: directory.url, stages: stages)
        try change("vae.safetensors") { builder in
            let old = [("to_q", "query"), ("to_k", "key"), ("to_v", "value"), ("to_out.0", "proj_attn")]
            for (name, tensor) in builder.tensors where name.contains("attentions.0.to_") {
                guard let (new, former) = old.first(where: { name.contains($0.0) }) else { continue }
                builder.tensors[name] = nil
                var renamed = tensor
                if name.hasSuffix("weight") { renamed.shape += [1, 1] }
                builder.tensors[name.replacingOccurrences(of: new, with: former)] = renamed
            }
            #expect(builder.tensors.keys.contains("encoder.mid_block.attentions.0.proj_attn.weight"))
        }
        #expect(try Deblurrer.compareStages(model: directory.url, stages: stages) == before)
    }

    @Test func withoutControlItsPartsAreNotLookedAt() throws {
        try FileManager.default.removeItem(at: directory.url.appendingPathComponent("controlnet.safetensors"))
        let url = directory.url.appendingPathComponent("config.json")
        let text = try String(contentsOf: url, encoding: .utf8).replacingOccurrences(of: "\"control\": true", with: "\"control\": false")
        try Data(text.utf8).write(to: url)
        #expect(try problems().isEmpty)
    }

    @Test func theFingerprintSeesWeightsAndConfiguration() throws {
        let first = try ModelFolder(at: directory.url).fingerprint
        #expect(first.count == 16)
        #expect(try first == ModelFolder(at: directory.url).fingerprint)
        try change("vae.safetensors") { $0.tensors["quant_conv.bias"]?.bytes[0] ^= 1 }
        let second = try ModelFolder(at: directory.url).fingerprint
        let url = directory.url.appendingPathComponent("config.json")
        try Data(String(contentsOf: url, encoding: .utf8).replacingOccurrences(of: "4096", with: "8192").utf8).write(to: url)
        #expect(try Set([first, second, ModelFolder(at: directory.url).fingerprint]).count == 3)
    }
}
