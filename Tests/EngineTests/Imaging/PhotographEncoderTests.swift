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

    /// What a PNG says of its colours, its density and itself, as the file that it was read from had it.
    @Test(arguments: [8, 16], [false, true]) func aPNGKeepsItsChunks(bitDepth: Int, isGray: Bool) throws {
        var photograph = ImagingTestPictures.photograph(width: 20, height: 16, isGray: isGray, bitDepth: bitDepth)
        photograph.metadata.colours = [
            PNGChunk("cHRM", Data((0..<32).map { UInt8($0 % 4 == 3 ? 200 : 0) })), PNGChunk("cICP", Data([12, 13, 0, 1])),
            PNGChunk("cLLI", PNGChunk.bigEndian(10_000_000) + PNGChunk.bigEndian(1_000_000)), PNGChunk("gAMA", PNGChunk.bigEndian(100_000)),
            PNGChunk("mDCV", Data(repeating: 1, count: 24)), PNGChunk("sBIT", Data(repeating: 5, count: isGray ? 1 : 3)),
            PNGChunk("sRGB", Data([0])),
        ]
        photograph.metadata.resolution = Resolution(.metre, x: 11811, y: 5906)
        photograph.metadata.xmp = Data("<x:xmpmeta/>".utf8)
        photograph.metadata.texts = [PNGChunk("tEXt", Data("Title\0a".utf8)), PNGChunk("zTXt", Data("Author\0\0x".utf8))]
        let file = try PhotographEncoder.encode(photograph)
        #expect(try PhotographDecoder.decode(file) == photograph)
        // Before the pixels, as 5.6 has it.
        let pixels = try #require(file.range(of: Data("IDAT".utf8))).lowerBound
        for name in ["gAMA", "cHRM", "sRGB", "cICP", "sBIT", "pHYs"] {
            #expect(try #require(file.range(of: Data(name.utf8))).lowerBound < pixels, "\(name)")
        }
    }

    /// Bits of a palette's entries, and none of the alpha that its transparency became.
    @Test func significantBitsThatNoLongerFitAreLeftOut() throws {
        var photograph = ImagingTestPictures.photograph(width: 16, height: 16, hasAlpha: true)
        for bits in [Data([8, 8, 8]), Data([9, 8, 8, 8]), Data([0, 8, 8, 8])] {
            photograph.metadata.colours = [PNGChunk("sBIT", bits)]
            #expect(try PhotographDecoder.decode(PhotographEncoder.encode(photograph)).metadata.colours == [])
        }
    }

    @Test func aJPEGKeepsItsSegments() throws {
        var photograph = ImagingTestPictures.photograph(width: 20, height: 16, format: .jpeg)
        photograph.metadata.resolution = Resolution(.inch, x: 300, y: 240)
        photograph.metadata.xmp = Data(XMPTests.packet.utf8)
        photograph.metadata.extendedXMP = [Data(XMP.extensionPrefix) + Data("0123".utf8), Data(XMP.extensionPrefix) + Data("4567".utf8)]
        photograph.metadata.photoshop = [PhotoshopResourcesTests.segment]
        photograph.metadata.comments = [Data("one".utf8), Data()]
        photograph.metadata.chromaSubsampling = ChromaSubsampling(horizontal: 1, vertical: 1)
        let again = try PhotographDecoder.decode(PhotographEncoder.encode(photograph))
        #expect(again.metadata == photograph.metadata)
        photograph.metadata.xmp = Data(count: 65_600)
        #expect(try PhotographDecoder.decode(PhotographEncoder.encode(photograph)).metadata.xmp == nil, "more than a segment holds")
    }

    @Test func xmpAndResolutionCrossFormats() throws {
        var photograph = ImagingTestPictures.photograph(width: 20, height: 16, format: .jpeg)
        photograph.metadata.xmp = Data(XMPTests.packet.utf8)
        photograph.metadata.resolution = Resolution(.inch, x: 300, y: 240)
        let png = try PhotographDecoder.decode(PhotographEncoder.encode(photograph, as: .png))
        #expect(png.metadata.xmp == photograph.metadata.xmp && png.metadata.resolution == Resolution(.metre, x: 11811, y: 9449))
        let jpeg = try PhotographDecoder.decode(PhotographEncoder.encode(png, as: .jpeg))
        #expect(jpeg.metadata.xmp == photograph.metadata.xmp && jpeg.metadata.resolution == photograph.metadata.resolution)
    }

    @Test func aTurnedPictureHasItsMetadataTurned() throws {
        var metadata = PhotographMetadata()
        metadata.xmp = Data("<a tiff:Orientation=\"6\"/>".utf8)
        metadata.resolution = Resolution(.inch, x: 300, y: 240)
        let upright = metadata.upright(from: .up), turned = metadata.upright(from: try #require(Orientation(rawValue: 6)))
        #expect(upright == metadata)
        #expect(turned.resolution == Resolution(.inch, x: 240, y: 300) && turned.xmp == Data("<a tiff:Orientation=\"1\"/>".utf8))
    }
}
