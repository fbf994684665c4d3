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

    /// A file in its own format stays what it is, but for metadata that must go; in another format it has the same pixels.
    @Test func atStrengthZeroTheNetworkIsNotAsked() throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let plain = try PhotographEncoder.encode(EngineTestPictures.textured(width: 60, height: 40), as: .jpeg, quality: 70)
        let file = ImagingTestPictures.jpeg(plain, inserting: [(0xE1, Data(Exif.prefix) + ExifGPSTests.exif(littleEndian: true))])
        var timesteps: [Int] = [], progress: [Double] = []
        func deblur(_ metadata: MetadataPolicy, _ format: ImageFormat? = nil) throws -> DeblurredPicture {
            try deblurrer.deblur(
                file, options: DeblurOptions(format: format, strength: 0, metadata: metadata), onTimestep: { timesteps.append($0) },
                onProgress: { progress.append($0) })
        }
        let kept = try deblur(.keep)
        #expect(kept.data == file && kept.isUnchanged && kept.width == 60)
        #expect(kept.predictedTimestep == nil && kept.usedTimestep == nil && kept.reblurPSNR == nil)
        #expect(kept.seconds.kernels == 0 && kept.seconds.diffusion == 0 && timesteps == [] && progress == [1])
        #expect(try deblur(.strip).data == plain, "as if it had never been there")
        #expect(try deblur(.stripGPS).data == MetadataCut.apply(.stripGPS, to: file, .jpeg))
        let png = try deblur(.keep, .png)
        #expect(png.format == .png && png.isUnchanged)
        #expect(try PhotographDecoder.decode(png.data).samples == PhotographDecoder.decode(file).samples)
    }

    /// A JPEG that its Exif turns would lose by being encoded again, a PNG does not.
    @Test(arguments: MetadataPolicy.allCases) func aTurnedPictureThatIsNotChangedLosesNothing(policy: MetadataPolicy) throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let exif = ImagingTestPictures.exif(orientation: 6, width: 60, height: 40)
        let plain = try PhotographEncoder.encode(EngineTestPictures.textured(width: 60, height: 40), as: .jpeg, quality: 70)
        let jpeg = ImagingTestPictures.jpeg(plain, inserting: [(0xE1, Data(Exif.prefix) + exif)])
        let shown = try PhotographDecoder.decode(jpeg)
        let kept = try deblurrer.deblur(jpeg, options: DeblurOptions(strength: 0, metadata: policy))
        #expect(kept.isUnchanged && (kept.width, kept.height) == (40, 60))
        #expect(try PhotographDecoder.decode(kept.data).samples == shown.samples)
        #expect(kept.data == MetadataCut.apply(policy, to: jpeg, .jpeg) && (policy != .keep || kept.data == jpeg))

        var photograph = EngineTestPictures.textured(width: 60, height: 40)
        photograph.metadata.exif = exif
        let png = try PhotographEncoder.encode(photograph)
        let turned = try deblurrer.deblur(png, options: DeblurOptions(strength: 0, metadata: policy)).data
        #expect(try PictureHeader.parse(turned).orientation == .up)
        #expect(try PhotographDecoder.decode(turned).samples == PhotographDecoder.decode(png).samples)
    }

    @Test func aPreviewsExifHasItsSize() throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        var photograph = EngineTestPictures.textured(width: 60, height: 40)
        photograph.metadata.exif = ImagingTestPictures.exif(orientation: 1, width: 60, height: 40)
        let file = try PhotographEncoder.encode(photograph)
        let preview = try deblurrer.deblur(file, options: DeblurOptions(strength: 0, previewWidth: 30)).data
        let exif = try #require(try PhotographDecoder.decode(preview).metadata.exif)
        let small = try #require(Exif(ImagingTestPictures.exif(orientation: 1, width: 30, height: 20)))
        #expect(exif == small.withoutThumbnail())
    }

    @Test func aChangedPictureHasNoThumbnailOfTheOldOne() throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        var photograph = EngineTestPictures.textured(width: 60, height: 40)
        photograph.metadata.exif = ImagingTestPictures.exif(orientation: 1)
        let picture = try deblurrer.deblur(PhotographEncoder.encode(photograph), options: DeblurOptions(timestep: 200))
        let exif = try #require(try PhotographDecoder.decode(picture.data).metadata.exif)
        #expect(exif != photograph.metadata.exif && exif == Exif(exif)?.withoutThumbnail())
        #expect(exif == Exif(ImagingTestPictures.exif(orientation: 1))?.withoutThumbnail(), "nothing else is changed")
    }

    /// What an editor left under full transparency, black or the picture that it cut out.
    @Test func hiddenColoursChangeNothing() throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        var photograph = EngineTestPictures.textured(width: 60, height: 40)
        photograph.alpha = .eight((0..<60 * 40).map { $0 % 60 < 25 ? 0 : 255 })
        var black = photograph
        guard case .eight(let samples) = photograph.samples else { throw ImageError.notAnImage }
        black.samples = .eight(samples.indices.map { $0 / 3 % 60 < 25 ? 0 : samples[$0] })
        let results = try [photograph, black].map {
            try deblurrer.deblur(PhotographEncoder.encode($0), options: DeblurOptions(timestep: 200)).data
        }
        #expect(results[0] == results[1])
        #expect(try PhotographDecoder.decode(results[0]).alpha == photograph.alpha)
    }

    @Test(arguments: [ImageFormat.png, .jpeg]) func greyContentInColourStaysGrey(format: ImageFormat) throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        var photograph = EngineTestPictures.textured(width: 60, height: 40)
        photograph.neutralise()
        let file = try PhotographEncoder.encode(photograph, as: format)
        try #require(PhotographDecoder.decode(file).isNeutral)
        let result = try PhotographDecoder.decode(deblurrer.deblur(file, options: DeblurOptions(timestep: 200)).data)
        #expect(result.isNeutral && result.samples != photograph.samples)
    }

    @Test func aJPEGThatCannotBeWrittenIsRefusedBeforeTheWork() throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        let long = try PhotographEncoder.encode(ImagingTestPictures.photograph(width: 65_501, height: 16, isGray: true))
        var calls = 0
        #expect(throws: ImageError.sideTooLong(limit: 65_500, width: 65_501, height: 16)) {
            try deblurrer.deblur(
                long, options: DeblurOptions(format: .jpeg), onTimestep: { _ in calls += 1 }, onProgress: { _ in calls += 1 })
        }
        #expect(calls == 0)
        let wide = ImageInfo(format: .png, width: 70_000, height: 700, bitDepth: 8, isGray: false, hasAlpha: false)
        #expect(throws: ImageError.self) { try DeblurOptions(format: .jpeg).requireWritable(wide) }
        #expect(throws: Never.self) { try DeblurOptions(format: .jpeg, previewWidth: 7000).requireWritable(wide) }
        #expect(throws: Never.self) { try DeblurOptions().requireWritable(wide) }
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
