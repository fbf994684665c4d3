@testable import Engine
import Foundation
import Synchronization
import Testing

/// The engine's public interface, from file to file.
@Suite(.timeLimit(.minutes(60))) struct DeblurrerTests {
    @Test(arguments: ["tiny", "tiny-pixel", "tiny-lags"], [[16, 16], [17, 16], [16, 33], [31, 47], [64, 48]])
    func everySizeComesBackAsItWas(model: String, size: [Int]) throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model(model))
        let photograph = EngineTestPictures.textured(width: size[0], height: size[1])
        var timesteps: [Int] = [], progress: [Double] = []
        let picture = try deblurrer.deblur(PhotographEncoder.encode(photograph)) {
            timesteps.append($0)
        } onProgress: {
            progress.append($0)
        }
        let result = try PhotographDecoder.decode(picture.data)
        #expect([result.width, result.height] == size && [picture.width, picture.height] == size && picture.format == .png)
        #expect(result != photograph)
        #expect(timesteps == [picture.predictedTimestep] && picture.usedTimestep == picture.predictedTimestep)
        #expect(progress.last == 1 && progress == progress.sorted() && Set(progress).count == progress.count)
        #expect(try deblurrer.blurLevel(of: PhotographEncoder.encode(photograph)).timestep == picture.predictedTimestep)
        #expect(picture.seconds.total >= picture.seconds.kernels + picture.seconds.diffusion)
    }

    @Test func optionsAreFollowed() throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let data = try PhotographEncoder.encode(EngineTestPictures.textured(width: 40, height: 32))
        let own = try deblurrer.deblur(data)
        let other = try deblurrer.deblur(data, options: DeblurOptions(timestep: 280, format: .jpeg, quality: 90))
        #expect(other.predictedTimestep == own.predictedTimestep && other.usedTimestep == 280)
        #expect(other.format == .jpeg)
        #expect(try ImageInfo(of: other.data).format == .jpeg)
        #expect(try deblurrer.deblur(data, options: DeblurOptions(timestep: 280)).data != own.data)
        #expect(try deblurrer.deblur(data).data == own.data)
    }

    /// A fixture with some numbers of its configuration changed.
    private static func tinyPixel(_ directory: TemporaryDirectory, _ changes: [String: String]) throws -> Deblurrer {
        let folder = directory.url.appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(at: Fixtures.model("tiny-pixel"), to: folder)
        let url = folder.appendingPathComponent(ModelConfig.fileName)
        var config = try String(contentsOf: url, encoding: .utf8)
        for (key, value) in changes {
            let line = try #require(config.firstMatch(of: try Regex("\"\(key)\": [0-9.]+")))
            config.replaceSubrange(line.range, with: "\"\(key)\": \(value)")
        }
        try config.write(to: url, atomically: true, encoding: .utf8)
        return try Deblurrer(modelDirectory: folder)
    }

    /// A model to which no picture is blurred.
    private static func contented(_ directory: TemporaryDirectory) throws -> Deblurrer {
        try tinyPixel(directory, ["sharp_below": "1000", "doubtful_below": "1000", "sharp_displacement": "1000"])
    }

    @Test func aSharpPictureComesBackAsItIs() throws {
        let directory = try TemporaryDirectory()
        let deblurrer = try Self.contented(directory), other = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let photograph = EngineTestPictures.textured(width: 70, height: 50)
        for format in [ImageFormat.png, .jpeg] {
            let data = try PhotographEncoder.encode(photograph, as: format, quality: 60)
            var progress: [Double] = []
            let picture = try deblurrer.deblur(data, onProgress: { progress.append($0) })
            #expect(picture.data == data && picture.isUnchanged && progress.last == 1)
            #expect(picture.usedTimestep == picture.predictedTimestep)
            #expect(try picture.predictedTimestep == other.blurLevel(of: data).timestep)

            // Another file, the same picture.
            let stripped = try deblurrer.deblur(data, options: DeblurOptions(format: .png, metadata: .strip))
            #expect(try stripped.isUnchanged && PhotographDecoder.decode(stripped.data).samples == PhotographDecoder.decode(data).samples)
            let small = try deblurrer.deblur(data, options: DeblurOptions(previewWidth: 35))
            #expect(small.isUnchanged && small.width == 35)

            let told = try deblurrer.deblur(data, options: DeblurOptions(timestep: 80)),
                usual = try other.deblur(data, options: DeblurOptions(timestep: 80))
            #expect(!told.isUnchanged && told.data == usual.data && told.reblurPSNR == usual.reblurPSNR)
            #expect(try !other.deblur(data).isUnchanged)
        }
    }

    /// Below `doubtful_below` it is U who says whether a picture is sharp: whether it moves it by less than so many pixels, fewer where T
    /// finds it sharp.
    @Test(arguments: [(width: 70, height: 50), (width: 200, height: 130)]) func ofADoubtfulPictureUDecides(
        _ size: (width: Int, height: Int)
    ) throws {
        let directory = try TemporaryDirectory(), other = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let data = try PhotographEncoder.encode(EngineTestPictures.textured(width: size.width, height: size.height))
        let usual = try other.deblur(data)
        for (sharpBelow, ofSharp, ofDoubtful, isUnchanged) in [
            (9, "0", "1000", true), (9, "1000", "0", false), (999, "1000", "0", true), (999, "0", "1000", false),
        ] {
            let deblurrer = try Self.tinyPixel(
                directory,
                [
                    "sharp_below": "\(sharpBelow)", "doubtful_below": "1000", "sharp_displacement": ofSharp,
                    "still_displacement": ofDoubtful,
                ])
            var timesteps: [Int] = [], progress: [Double] = []
            let picture = try deblurrer.deblur(data) {
                timesteps.append($0)
            } onProgress: {
                progress.append($0)
            }
            #expect(picture.isUnchanged == isUnchanged && picture.data == (isUnchanged ? data : usual.data))
            let judged = isUnchanged ? min(usual.predictedTimestep, sharpBelow - 1) : max(usual.predictedTimestep, sharpBelow)
            #expect(picture.predictedTimestep == judged && timesteps == [judged] && progress.last == 1)
            #expect(picture.usedTimestep == (isUnchanged ? judged : usual.predictedTimestep))
            #expect(try deblurrer.blurLevel(of: data).timestep == judged)

            let told = try deblurrer.deblur(data, options: DeblurOptions(timestep: 80))
            #expect(!told.isUnchanged && told.predictedTimestep == usual.predictedTimestep)
        }
        // T is not doubted here.
        let sure = try Self.tinyPixel(directory, ["doubtful_below": "\(usual.predictedTimestep)", "still_displacement": "1000"])
        #expect(try sure.deblur(data).data == usual.data)
    }

    /// Of a picture that T finds blurred U is told no less than `least_timestep`, unless the caller names a timestep.
    @Test func uIsToldTheLeastTimestep() throws {
        let directory = try TemporaryDirectory(), other = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let data = try PhotographEncoder.encode(EngineTestPictures.textured(width: 70, height: 50))
        let usual = try other.deblur(data), least = usual.predictedTimestep + 40
        let deblurrer = try Self.tinyPixel(directory, ["least_timestep": "\(least)"])
        let picture = try deblurrer.deblur(data)
        #expect(picture.predictedTimestep == usual.predictedTimestep && picture.usedTimestep == least)
        #expect(try picture.data == other.deblur(data, options: DeblurOptions(timestep: least)).data)
        let told = try deblurrer.deblur(data, options: DeblurOptions(timestep: 80))
        #expect(try told.usedTimestep == 80 && told.data == other.deblur(data, options: DeblurOptions(timestep: 80)).data)

        let sharp = try Self.tinyPixel(
            directory, ["least_timestep": "\(least)", "sharp_below": "999", "doubtful_below": "999", "sharp_displacement": "0"])
        #expect(try sharp.deblur(data).usedTimestep == usual.predictedTimestep)
    }

    @Test func aSharpPictureIsTurnedUpright() throws {
        let directory = try TemporaryDirectory()
        var photograph = EngineTestPictures.textured(width: 70, height: 50)
        photograph.metadata.exif = ImagingTestPictures.exif(orientation: 6)
        let data = try PhotographEncoder.encode(photograph, as: .jpeg, quality: 90)
        let picture = try Self.contented(directory).deblur(data)
        #expect(picture.isUnchanged && picture.width == 50 && picture.height == 70)
        let upright = try PictureHeader.parse(picture.data)
        #expect(upright.orientation == .up && upright.info.width == 50)
    }

    /// 2 x 2 tiles, whose overlap is wider than M's layers and windows reach: T sees each position once, as in one piece.
    @Test func tilesShareOneTimestep() throws {
        let folder = Fixtures.model("tiny-pixel")
        var config = try ModelConfig(at: folder)
        config.tile = ModelConfig.Tile(maxPixels: 1 << 20, size: 384, overlap: 192)
        let whole = try ModelFolder(at: folder, config: config).load()
        config.tile.maxPixels = 1
        let network = try ModelFolder(at: folder, config: config).load()
        let photograph = EngineTestPictures.textured(width: 570, height: 530)
        var seen: [Int] = [], progress: [Double] = []
        let tiled = try Restoration(network: network).restore(
            photograph, timestep: nil, onTimestep: { seen.append($0) }, onProgress: { progress.append($0) })
        #expect(seen == [tiled.usedTimestep])
        #expect(progress.last == 1 && progress == progress.sorted() && progress.count > 8)
        let inOnePiece = try Restoration(network: whole).timestep(of: photograph)
        #expect(abs(inOnePiece - tiled.predictedTimestep) <= 1, "\(tiled.predictedTimestep) in tiles, \(inOnePiece) in one piece")
    }

    @Test(arguments: [0, 3, 20])
    func whatProgressThrowsStopsTheWork(after calls: Int) throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let data = try PhotographEncoder.encode(EngineTestPictures.smooth(width: 200, height: 150))
        var count = 0
        #expect(throws: DeblurError.cancelled) {
            try deblurrer.deblur(
                data,
                onProgress: { _ in
                    count += 1
                    if count > calls { throw DeblurError.cancelled }
                })
        }
        #expect(count == calls + 1)
    }

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

    @Test func callsFromSeveralThreadsAgree() throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let data = try PhotographEncoder.encode(EngineTestPictures.textured(width: 150, height: 140))
        let expected = try deblurrer.deblur(data).data
        let results = Mutex<[Data?]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let result = try? deblurrer.deblur(data).data
            results.withLock { $0.append(result) }
        }
        #expect(results.withLock { $0 } == [expected, expected, expected, expected])
    }

    @Test func picturesThatCannotBeReadAreRefused() throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"), maxPixels: 1000)
        #expect(throws: ImageError.self) { try deblurrer.deblur(Data("no picture".utf8)) }
        let large = try PhotographEncoder.encode(EngineTestPictures.smooth(width: 40, height: 40))
        #expect(throws: ImageError.tooManyPixels(limit: 1000, found: 1600)) { try deblurrer.deblur(large) }
        #expect(throws: ImageError.self) {
            try deblurrer.blurLevel(of: PhotographEncoder.encode(EngineTestPictures.smooth(width: 15, height: 40)))
        }
    }

    @Test func modelsAreToldApart() throws {
        let models = try Fixtures.names.map { try Deblurrer(modelDirectory: Fixtures.model($0)) }
        #expect(Set(models.map(\.modelHash)).count == Fixtures.names.count)
        #expect(models.map(\.modelName) == ["tiny", "tiny-pixel", "tiny-lags", "tiny-pixel"])
        #expect(throws: ModelError.self) { try Deblurrer(modelDirectory: Fixtures.directory) }
    }
}
