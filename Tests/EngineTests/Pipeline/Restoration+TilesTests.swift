@testable import Engine
import Foundation
import Testing

/// A picture done in tiles must not show where they meet.
@Suite(.timeLimit(.minutes(60))) struct RestorationTilesTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// What tiles make different from the picture in one piece, averaged along every seam, must not step in the seam's ramp more than
    /// beside it.
    @Test(arguments: [EngineTestPictures.smooth, EngineTestPictures.textured], ["tiny-pixel", "tiny-lags", "default"])
    func noSeamShows(_ picture: @Sendable (Int, Int) -> Photograph, model: String) throws {
        guard let folder = try model == "default" ? shipped() : nearIdentity(model) else { return }
        let config = try ModelConfig(at: folder)
        for seam in try seams(of: picture, in: folder, config) { #expect(!seam.isVisible, "\(model): \(seam)") }
    }

    /// The same tiles without overlap do show, so that the test above can fail.
    @Test func tilesWithoutOverlapShow() throws {
        let folder = try nearIdentity()
        var config = try ModelConfig(at: folder)
        config.tile.overlap = 0
        #expect(try seams(of: EngineTestPictures.smooth, in: folder, config).contains(where: \.isVisible))
    }

    private func seams(of picture: (Int, Int) -> Photograph, in folder: URL, _ config: ModelConfig) throws -> [SeamMeasure] {
        let network = try ModelFolder(at: folder, config: config).load()
        let side = config.tile.size * 5 / 2
        let tiling = Tiling(width: side, height: side, config: config)
        #expect(tiling.tiles.count >= 9)
        let photograph = picture(side, side)
        var onePiece = config
        onePiece.tile.maxPixels = side * side
        let whole = try restored(photograph, ModelFolder(at: folder, config: onePiece).load())
        let change = Ops.mix(try restored(photograph, network), times: 1, whole, times: -1)
        return [(tiling.columns, SeamMeasure.columns(change)), (tiling.rows, SeamMeasure.rows(change))].flatMap { axis, profile in
            axis.starts.indices.dropLast().map {
                SeamMeasure(profile, seam: axis.counted($0).upperBound, ramp: max(config.tile.overlap / 2, 32))
            }
        }
    }

    /// The measure itself: three grey levels between two tiles are seen when they meet in a step, over noise and beside slow change.
    @Test func theMeasureSeesAStep() {
        var numbers = Numbers(seed: 25)
        let noise = numbers.tensor([3, 100, 200], scale: 0.01)
        func change(_ step: Float) -> Tensor {
            Tensor(
                shape: noise.shape,
                values: noise.values.enumerated().map { index, value in
                    let x = index % 200
                    return value + 0.02 * sin(Float(x) / 40) + (x >= 100 ? step : 0)
                })
        }
        #expect(SeamMeasure(SeamMeasure.columns(change(3.0 / 255)), seam: 100, ramp: 32).isVisible)
        #expect(!SeamMeasure(SeamMeasure.columns(change(0)), seam: 100, ramp: 32).isVisible)
    }

    private func restored(_ photograph: Photograph, _ network: FideDiff) throws -> Tensor {
        let result = try Restoration(network: network).restore(photograph, timestep: 123, onTimestep: { _ in }, onProgress: { _ in })
            .photograph
        #expect(result != photograph)
        return Tensor(
            shape: [3, photograph.height, photograph.width],
            values: result.planes(x: 0, y: 0, width: photograph.width, height: photograph.height))
    }

    /// The fixture with an autoencoder that is the identity and a small U: like a trained network, it returns the picture with changes, by
    /// layers whose reach goes far beyond the overlap.
    private func nearIdentity(_ fixture: String = "tiny-pixel") throws -> URL {
        let source = Fixtures.model(fixture)
        for file in ["config.json", "controlnet.safetensors", "fidediff.safetensors"] {
            try FileManager.default.copyItem(at: source.appendingPathComponent(file), to: directory.url.appendingPathComponent(file))
        }
        var vae = SafetensorsBuilder()
        let dirac = (0..<(48 * 48 * 9)).map { index -> Float in index % 9 == 4 && index / 9 / 48 == index / 9 % 48 ? 1 : 0 }
        for part in ["encoder", "decoder"] {
            vae.add("\(part).conv.weight", [48, 48, 3, 3], floats: dirac)
            vae.add("\(part).conv.bias", [48], floats: [Float](repeating: 0, count: 48))
        }
        try vae.data.write(to: directory.url.appendingPathComponent("vae.safetensors"))
        var unet = try SafetensorsBuilder(contentsOf: source.appendingPathComponent("unet.safetensors"))
        for name in ["conv_out.weight", "conv_out.bias"] {
            let tensor = try #require(unet.tensors[name])
            let values = Ops.decoded(tensor.bytes, as: .f32, shape: tensor.shape)
            unet.add(name, tensor.shape, floats: Ops.affine(values, scale: 0.2, shift: 0).values)
        }
        try unet.data.write(to: directory.url.appendingPathComponent("unet.safetensors"))
        return directory.url
    }

    /// The shipped weights in smaller tiles, with their own overlap; nil in a checkout without them.
    private func shipped() throws -> URL? {
        let source = Fixtures.directory.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("weights/default")
        guard var config = try? ModelConfig(at: source) else { return nil }
        for file in ModelFolder.Part.allCases.map({ config.files[$0] }) {
            try FileManager.default.copyItem(at: source.appendingPathComponent(file), to: directory.url.appendingPathComponent(file))
        }
        config.tile.maxPixels = 1
        config.tile.size = config.tile.overlap * 2
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try encoder.encode(config).write(to: directory.url.appendingPathComponent("config.json"))
        return directory.url
    }
}
