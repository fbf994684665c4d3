@testable import Engine
import Foundation
import Synchronization
import Testing

/// A photograph from its tiles to its result.
@Suite(.timeLimit(.minutes(60))) struct RestorationTests {
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
            let found = try #require(usual.predictedTimestep)
            let judged = isUnchanged ? min(found, sharpBelow - 1) : max(found, sharpBelow)
            #expect(picture.predictedTimestep == judged && timesteps == [judged] && progress.last == 1)
            #expect(picture.usedTimestep == (isUnchanged ? judged : usual.predictedTimestep))
            #expect(try deblurrer.blurLevel(of: data).timestep == judged)

            let told = try deblurrer.deblur(data, options: DeblurOptions(timestep: 80))
            #expect(!told.isUnchanged && told.predictedTimestep == usual.predictedTimestep)
        }
        // T is not doubted here.
        let sure = try Self.tinyPixel(
            directory, ["doubtful_below": "\(try #require(usual.predictedTimestep))", "still_displacement": "1000"])
        #expect(try sure.deblur(data).data == usual.data)
    }

    /// Of a picture that T finds blurred U is told no less than `least_timestep`, unless the caller names a timestep.
    @Test func uIsToldTheLeastTimestep() throws {
        let directory = try TemporaryDirectory(), other = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let data = try PhotographEncoder.encode(EngineTestPictures.textured(width: 70, height: 50))
        let usual = try other.deblur(data), least = try #require(usual.predictedTimestep) + 40
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

    /// A JPEG keeps its pixels and the turn beside them: written upright it would be encoded again. A PNG loses nothing by that.
    @Test(arguments: [ImageFormat.jpeg, .png]) func aSharpPictureIsShownUpright(format: ImageFormat) throws {
        let directory = try TemporaryDirectory()
        var photograph = EngineTestPictures.textured(width: 70, height: 50)
        photograph.metadata.exif = ImagingTestPictures.exif(orientation: 6)
        let data = try PhotographEncoder.encode(photograph, as: format, quality: 90)
        let picture = try Self.contented(directory).deblur(data)
        #expect(picture.isUnchanged && picture.width == 50 && picture.height == 70)
        let header = try PictureHeader.parse(picture.data)
        #expect(header.orientation == (format == .jpeg ? .rotated90 : .up) && header.info.width == 50 && header.info.height == 70)
        #expect(try PhotographDecoder.decode(picture.data).samples == PhotographDecoder.decode(data).samples)
        if format == .jpeg { #expect(picture.data == data) }
    }

    /// Black, and a clear sky, at whatever t T puts them: sharp, and as they came. A model that finds no picture sharp restores them.
    @Test(arguments: [(width: 70, height: 50), (width: 200, height: 130)]) func whatHoldsNothingComesBackAsItIs(
        _ size: (width: Int, height: Int)
    ) throws {
        let directory = try TemporaryDirectory()
        let deblurrer = try Self.tinyPixel(
            directory, ["sharp_below": "9", "doubtful_below": "10", "sharp_displacement": "0", "still_displacement": "0"])
        let plain = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        for rise in [0, 1] {
            let values = (0..<size.width * size.height).map { UInt8($0 / size.width * rise) }
            let data = try PhotographEncoder.encode(
                Photograph(width: size.width, height: size.height, isGray: true, format: .png, samples: .eight(values)))
            var timesteps: [Int] = [], progress: [Double] = []
            let picture = try deblurrer.deblur(data) {
                timesteps.append($0)
            } onProgress: {
                progress.append($0)
            }
            #expect(picture.isUnchanged && picture.data == data && timesteps == [8] && progress.last == 1)
            #expect(picture.predictedTimestep == 8 && picture.usedTimestep == 8)
            #expect(try deblurrer.blurLevel(of: data).timestep == 8)
            #expect(try #require(plain.deblur(data).predictedTimestep) > 8, "T knows no better")
            #expect(try deblurrer.deblur(data, options: DeblurOptions(timestep: 80)).usedTimestep == 80)
        }
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
}
