import Foundation
import Testing

@testable import Engine

/// Strength, preview and metadata, from file to file.
@Suite(.timeLimit(.minutes(60))) struct DeblurOptionsTests {
    private let deblurrer: Deblurrer
    private let photograph: Photograph
    private let data: Data

    init() throws {
        deblurrer = try Deblurrer(modelDirectory: Fixtures.model("tiny-pixel"))
        var photograph = EngineTestPictures.textured(width: 60, height: 40)
        photograph.metadata = PhotographMetadata(exif: ImagingTestPictures.exif(orientation: 1, width: 60, height: 40))
        self.photograph = photograph
        data = try PhotographEncoder.encode(photograph)
    }

    private func result(_ options: DeblurOptions) throws -> Photograph {
        try PhotographDecoder.decode(deblurrer.deblur(data, options: options).data)
    }

    @Test func strengthGoesFromTheInputToTheResult() throws {
        let none = try result(DeblurOptions(strength: 0)), half = try result(DeblurOptions(strength: 0.5)),
            all = try result(DeblurOptions())
        #expect(none == photograph)
        #expect(try result(DeblurOptions(strength: 1)) == all)
        let (whole, part) = (ImagingTestPictures.difference(all, photograph).mean, ImagingTestPictures.difference(half, photograph).mean)
        #expect(whole > 0 && abs(part - whole / 2) < 0.5)
    }

    @Test func aPreviewIsDeblurredSmall() throws {
        let preview = try result(DeblurOptions(previewWidth: 30))
        #expect((preview.width, preview.height) == (30, 20))
        let reduced = try PhotographEncoder.encode(photograph.reduced(toWidth: 30))
        #expect(try deblurrer.deblur(data, options: DeblurOptions(previewWidth: 30)).data == deblurrer.deblur(reduced).data)
        let exif = Exif(ImagingTestPictures.exif(orientation: 1, width: 30, height: 20))?.withoutThumbnail()
        #expect(preview.metadata.exif == exif)
    }

    @Test func metadataFollowsItsPolicy() throws {
        let exif = photograph.metadata.withoutThumbnails().exif
        #expect(try result(DeblurOptions()).metadata.exif == exif)
        #expect(try result(DeblurOptions(metadata: .strip)).metadata.exif == nil)
        #expect(try result(DeblurOptions(metadata: .stripGPS)).metadata.exif == exif)
    }
}
