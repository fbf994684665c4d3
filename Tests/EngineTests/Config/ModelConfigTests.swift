@testable import Engine
import Foundation
import Testing

@Suite(.timeLimit(.minutes(60))) struct ModelConfigTests {
    private static func json(_ fixture: String = "tiny") throws -> [String: Any] {
        let data = try Data(contentsOf: Fixtures.model(fixture).appendingPathComponent("config.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// The fixture's configuration with the value at a path such as "unet.in_channels" replaced by some JSON, or taken out.
    private static func config(_ path: String, _ json: String?, of fixture: String = "tiny") throws -> ModelConfig {
        let value = try json.map { try JSONSerialization.jsonObject(with: Data($0.utf8), options: .fragmentsAllowed) }
        func replaced(_ object: [String: Any], _ keys: ArraySlice<String>) -> [String: Any] {
            guard let key = keys.first else { return object }
            var object = object
            object[key] = keys.count == 1 ? value : replaced(object[key] as? [String: Any] ?? [:], keys.dropFirst())
            return object
        }
        let changed = replaced(try Self.json(fixture), path.split(separator: ".").map(String.init)[...])
        return try ModelConfig(json: try JSONSerialization.data(withJSONObject: changed))
    }

    /// The first key that an error names.
    private static func key(_ body: () throws -> ModelConfig) -> String? {
        do {
            _ = try body()
            return nil
        } catch let error as ModelError {
            guard case .invalidConfiguration(file: "config.json", let key, let reason)? = error.all.first, !reason.isEmpty else {
                return "\(error)"
            }
            return key
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: Fixtures.names)
    func readsTheFixtures(_ name: String) throws {
        let config = try ModelConfig(at: Fixtures.model(name))
        #expect(config.format == "fidediff-1")
        #expect(config.unet.levels == config.unet.downBlockTypes.count)
    }

    @Test func knowsTheSizesThatFollow() throws {
        // Enlarged twice, latent of 2 pixels, halved once: 2 pixels; M halves twice: 4.
        let tiny = try ModelConfig(at: Fixtures.model("tiny"))
        #expect(tiny.alignment == 4 && tiny.kernelsPerLatent == 1)
        // Latent of 4 pixels, halved twice: 16; M halves squares of 4 pixels twice: 16.
        let pixel = try ModelConfig(at: Fixtures.model("tiny-pixel"))
        #expect(pixel.alignment == 16 && pixel.kernelsPerLatent == 1)
    }

    @Test(arguments: ["surprise", "unet.surprise", "vae.surprise", "kernel_estimator.surprise", "tile.surprise", "files.surprise"])
    func namesAnUnknownKey(_ path: String) {
        #expect(Self.key { try Self.config(path, "1") } == path)
    }

    @Test(arguments: [
        "format", "enlarge", "control", "sharp_below", "doubtful_below", "sharp_displacement",
        "still_displacement", "least_timestep", "scales", "views", "files.vae",
        "unet.layers_per_block", "unet.only_cross_attention", "vae.kind", "vae.scaling_factor",
        "kernel_estimator.tap_spacing", "timestep_predictor.hidden", "prompt_tokens", "tile.max_pixels",
    ])
    func namesAMissingKey(_ path: String) {
        #expect(Self.key { try Self.config(path, nil) } == path)
    }

    static let wrong: [(fixture: String, path: String, value: String)] = [
        ("tiny", "format", #""fidediff-2""#), ("tiny", "enlarge", "3"), ("tiny", "enlarge", #""2""#), ("tiny", "norm", #""batch""#),
        ("tiny", "prediction", #""v""#), ("tiny", "sharp_below", "-1"), ("tiny", "doubtful_below", "1001"),
        ("tiny", "still_displacement", "-0.1"), ("tiny", "sharp_displacement", "-0.1"), ("tiny", "least_timestep", "1000"),
        ("tiny", "scales", "0"), ("tiny", "scales", "5"), ("tiny-lags", "unet.in_channels", "48"),
        ("tiny", "views", "3"), ("tiny", "views", "0"), ("tiny", "control", "7.5"), ("tiny", "prompt_tokens", "0"),
        ("tiny", "unet.in_channels", "5"),
        ("tiny", "unet.out_channels", "8"), ("tiny", "unet.block_out_channels", "[]"),
        ("tiny", "unet.down_block_types", #"["DownBlock2D"]"#),
        ("tiny", "unet.down_block_types", #"["DownBlock2D", "AttnDownBlock2D"]"#),
        ("tiny", "unet.up_block_types", #"["UpBlock2D", "DownBlock2D"]"#),
        ("tiny", "unet.mid_block_type", #""None""#), ("tiny", "unet.only_cross_attention", "[false]"),
        ("tiny", "unet.attention_head_dim", "[3, 4]"),
        ("tiny", "unet.norm_num_groups", "5"), ("tiny", "unet.layers_per_block", "0"), ("tiny", "vae.kind", #""vq""#),
        ("tiny", "vae.norm_num_groups", "3"),
        ("tiny", "vae.scaling_factor", "0"), ("tiny", "kernel_estimator.channels", "[4, 6]"),
        ("tiny-pixel", "kernel_estimator.unshuffle", "3"),
        ("tiny", "tile.size", "66"), ("tiny", "tile.overlap", "40"), ("tiny-pixel", "vae.factor", "0"),
        ("tiny-pixel", "vae.latent_channels", "12"),
        ("tiny-pixel", "kernel_estimator.unshuffle", "-4"), ("tiny-pixel", "tile.overlap", "8"),
        ("tiny-pixel", "kernel_estimator.tap_spacing", "3"), ("tiny", "kernel_estimator.inputs", "1.5"),
        ("tiny", "kernel_estimator.inputs", "[]"), ("tiny", "kernel_estimator.inputs", #"["pixels", "pixels"]"#),
        ("tiny", "kernel_estimator.inputs", #"["sound"]"#),
    ]

    @Test(arguments: wrong.indices)
    func namesAWrongValue(_ index: Int) throws {
        let (fixture, path, value) = Self.wrong[index]
        let key = try #require(Self.key { try Self.config(path, value, of: fixture) }, "\(path) = \(value) was accepted")
        // A latent width is compared with the UNet's, which is the key that gets named.
        let expected = path == "vae.latent_channels" ? "unet.in_channels" : path
        #expect(key.hasPrefix(expected), "\(path) = \(value) was blamed on \(key)")
    }

    @Test func refusesWhatIsNoJSON() {
        #expect(throws: ModelError.self) { try ModelConfig(json: Data("{".utf8)) }
        #expect(throws: ModelError.self) { try ModelConfig(json: Data("[]".utf8)) }
        #expect(throws: ModelError.self) { try ModelConfig(at: Fixtures.directory.appendingPathComponent("absent")) }
    }
}
