import Foundation
import Testing

@testable import Engine

@Suite(.timeLimit(.minutes(60))) struct PhotographEncoderTests {
    @Test(arguments: [8, 16], [false, true]) func pngKeepsEverySample(bitDepth: Int, isGray: Bool) throws {
        for hasAlpha in [false, true] {
            let photograph = ImagingTestPictures.photograph(
                width: 37, height: 23, isGray: isGray, bitDepth: bitDepth, hasAlpha: hasAlpha,
                metadata: PhotographMetadata(
                    icc: ImagingTestPictures.profile(colourSpace: isGray ? "GRAY" : "RGB "), exif: ImagingTestPictures.exif(orientation: 1))
            )
            let file = try PhotographEncoder.encode(photograph)
            #expect(try PhotographDecoder.decode(file) == photograph)
            #expect(
                try ImageInfo(of: file)
                    == ImageInfo(format: .png, width: 37, height: 23, bitDepth: bitDepth, isGray: isGray, hasAlpha: hasAlpha))
        }
    }

    @Test(arguments: [false, true]) func jpegComesNearAndKeepsMetadata(isGray: Bool) throws {
        // Larger than one APP2 segment, so that it is cut into three.
        let icc = ImagingTestPictures.profile(colourSpace: isGray ? "GRAY" : "RGB ", count: 150_000)
        let exif = ImagingTestPictures.exif(orientation: 1)
        let photograph = ImagingTestPictures.photograph(
            width: 51, height: 38, isGray: isGray, format: .jpeg, metadata: PhotographMetadata(icc: icc, exif: exif))
        let again = try PhotographDecoder.decode(PhotographEncoder.encode(photograph))
        #expect(again.isGray == isGray && again.format == .jpeg && again.alpha == nil)
        #expect(again.metadata.icc == icc)
        #expect(again.metadata.exif == exif)
        #expect(ImagingTestPictures.difference(photograph, again).mean < 1)
    }

    @Test func metadataCrossesFormats() throws {
        let metadata = PhotographMetadata(
            icc: ImagingTestPictures.profile(colourSpace: "RGB "), exif: ImagingTestPictures.exif(orientation: 1))
        let photograph = ImagingTestPictures.photograph(width: 20, height: 20, metadata: metadata)
        let jpeg = try PhotographDecoder.decode(PhotographEncoder.encode(photograph, as: .jpeg))
        let png = try PhotographDecoder.decode(PhotographEncoder.encode(jpeg, as: .png))
        #expect(png.metadata.icc == metadata.icc && png.metadata.exif == metadata.exif)
        #expect(png.samples == jpeg.samples)
    }

    @Test func jpegHasNoAlphaAndEightBits() throws {
        var photograph = ImagingTestPictures.photograph(width: 16, height: 16, bitDepth: 16)
        photograph.alpha = .sixteen((0..<256).map { $0 % 16 < 8 ? 0 : 65535 })
        let jpeg = try PhotographDecoder.decode(PhotographEncoder.encode(photograph, as: .jpeg, quality: 100))
        #expect(jpeg.bitDepth == 8 && jpeg.alpha == nil)
        let p = photograph.planes(x: 0, y: 0, width: 16, height: 16), q = jpeg.planes(x: 0, y: 0, width: 16, height: 16)
        for index in p.indices {
            let expected = index % 16 < 8 ? 1 : p[index]
            #expect(abs(q[index] - expected) < 0.02, "at \(index)")
        }
    }

    @Test func whatAFormatCannotCarryIsLeftOut() throws {
        let photograph = ImagingTestPictures.photograph(
            width: 16, height: 16, isGray: true,
            metadata: PhotographMetadata(
                icc: ImagingTestPictures.profile(colourSpace: "RGB "),
                exif: ImagingTestPictures.exif(orientation: 1) + Data(repeating: 0, count: 70_000)))
        let png = try PhotographDecoder.decode(PhotographEncoder.encode(photograph, as: .png))
        #expect(png.metadata.icc == nil && png.metadata.exif == photograph.metadata.exif)
        #expect(try PhotographDecoder.decode(PhotographEncoder.encode(photograph, as: .jpeg)).metadata.exif == nil)
    }

    @Test(arguments: [-5, 0, 101, 1000]) func qualityOutsideItsRangeIsTheNearest(quality: Int) throws {
        let photograph = ImagingTestPictures.photograph(width: 16, height: 16)
        let file = try PhotographEncoder.encode(photograph, as: .jpeg, quality: quality)
        #expect(file == (try PhotographEncoder.encode(photograph, as: .jpeg, quality: quality < 50 ? 1 : 100)))
    }
}
