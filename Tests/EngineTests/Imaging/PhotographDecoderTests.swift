import Foundation
import Testing

@testable import Engine

/// Decoding of files that libpng did not write.
@Suite(.timeLimit(.minutes(60))) struct PhotographDecoderTests {
    @Test(arguments: [1, 2, 4, 8], [false, true]) func grayOfFewBitsSpreadsOverEight(bitDepth: Int, interlaced: Bool) throws {
        let most = (1 << bitDepth) - 1
        let png = PNGBuilder(width: 19, height: 21, bitDepth: bitDepth, colourType: 0, interlaced: interlaced)
        func level(_ x: Int, _ y: Int) -> Int { (x + 3 * y) & most }
        let photograph = try PhotographDecoder.decode(png.build { x, y, _ in level(x, y) })
        #expect(photograph.isGray && photograph.bitDepth == 8 && photograph.alpha == nil)
        let expected = ImagingTestPictures.interleaved(19, 21) { x, y, _ in level(x, y) * 255 / most }
        #expect(photograph.samples == ImagingTestPictures.eight(expected))
    }

    @Test(arguments: [false, true]) func sixteenBitsKeepTheirByteOrder(interlaced: Bool) throws {
        let png = PNGBuilder(width: 17, height: 18, bitDepth: 16, colourType: 2, interlaced: interlaced)
        func sample(_ x: Int, _ y: Int, _ channel: Int) -> Int { 0x0102 * x + 7 * y + 0x4000 * channel }
        let photograph = try PhotographDecoder.decode(png.build(sample))
        #expect(photograph.bitDepth == 16 && !photograph.isGray)
        #expect(photograph.samples == ImagingTestPictures.sixteen(ImagingTestPictures.interleaved(17, 18, channels: 3, sample)))
    }

    @Test(arguments: [1, 2, 4, 8]) func palettesBecomeColoursAndAlpha(bitDepth: Int) throws {
        let entries = 1 << bitDepth
        var png = PNGBuilder(width: 16, height: 16, bitDepth: bitDepth, colourType: 3)
        png.palette = (0..<entries * 3).map { UInt8(($0 * 11 + 5) % 256) }
        png.transparency = [0, 128]  // the others are opaque
        func index(_ x: Int, _ y: Int, _ channel: Int) -> Int { (y * 16 + x) * 5 % entries }
        let photograph = try PhotographDecoder.decode(png.build(index))
        let colour = ImagingTestPictures.interleaved(16, 16, channels: 3) { x, y, channel in ((index(x, y, 0) * 3 + channel) * 11 + 5) % 256
        }
        let alpha = ImagingTestPictures.interleaved(16, 16) { x, y, _ in
            switch index(x, y, 0) {
            case 0: 0
            case 1: 128
            default: 255
            }
        }
        #expect(photograph.samples == ImagingTestPictures.eight(colour))
        #expect(photograph.alpha == ImagingTestPictures.eight(alpha))
    }

    @Test func paletteIndexBeyondThePaletteDoesNotReadOutside() throws {
        var png = PNGBuilder(width: 16, height: 16, bitDepth: 8, colourType: 3)
        png.palette = [1, 2, 3]
        let file = png.build { x, _, _ in x }
        if let photograph = try? PhotographDecoder.decode(file) { #expect(photograph.samples.count == 768) }
    }

    @Test func transparentColourBecomesAlpha() throws {
        var gray = PNGBuilder(width: 16, height: 16, bitDepth: 4, colourType: 0)
        gray.transparency = [0, 5]
        let four = try PhotographDecoder.decode(gray.build { x, _, _ in x })
        #expect(four.alpha == .eight((0..<256).map { $0 % 16 == 5 ? 0 : 255 }))

        var colour = PNGBuilder(width: 16, height: 16, bitDepth: 16, colourType: 2)
        colour.transparency = [1, 2, 3, 4, 5, 6]
        let sixteen = try PhotographDecoder.decode(colour.build { x, _, channel in channel == 2 && x != 9 ? 0 : 0x0102 + 0x0202 * channel })
        #expect(sixteen.alpha == .sixteen((0..<256).map { $0 % 16 == 9 ? 0 : 65535 }))
    }

    @Test(arguments: [8, 16], [false, true]) func alphaIsSplitOff(bitDepth: Int, interlaced: Bool) throws {
        for colourType in [4, 6] {
            let colours = colourType == 4 ? 1 : 3
            let png = PNGBuilder(width: 16, height: 17, bitDepth: bitDepth, colourType: colourType, interlaced: interlaced)
            func sample(_ x: Int, _ y: Int, _ channel: Int) -> Int { channel == colours ? x * y % 256 : 50 * channel + x }
            let photograph = try PhotographDecoder.decode(png.build(sample))
            let colour = ImagingTestPictures.interleaved(16, 17, channels: colours, sample)
            let alpha = ImagingTestPictures.interleaved(16, 17) { x, y, _ in sample(x, y, colours) }
            let samples = bitDepth == 8 ? ImagingTestPictures.eight : ImagingTestPictures.sixteen
            #expect(photograph.samples == samples(colour))
            #expect(photograph.alpha == samples(alpha))
        }
    }

    @Test(arguments: 1...8) func orientationIsAppliedToColourAndAlpha(value: Int) throws {
        let orientation = try #require(Orientation(rawValue: value))
        var png = PNGBuilder(width: 20, height: 16, bitDepth: 8, colourType: 6)
        png.after = [("eXIf", ImagingTestPictures.exif(orientation: value))]
        func sample(_ x: Int, _ y: Int, _ channel: Int) -> Int { (y * 20 + x) * (channel + 1) % 256 }
        let photograph = try PhotographDecoder.decode(png.build(sample))
        #expect((photograph.width, photograph.height) == orientation.uprightSize(width: 20, height: 16))
        var expected = [UInt8](repeating: 0, count: 20 * 16 * 3), alpha = [UInt8](repeating: 0, count: 20 * 16)
        for y in 0..<16 {
            let (start, step) = orientation.placement(ofRow: y, width: 20, height: 16)
            for x in 0..<20 {
                let pixel = start + x * step
                for channel in 0..<3 { expected[pixel * 3 + channel] = UInt8(sample(x, y, channel)) }
                alpha[pixel] = UInt8(sample(x, y, 3))
            }
        }
        #expect(photograph.samples == .eight(expected))
        #expect(photograph.alpha == .eight(alpha))
        #expect(try Exif(#require(photograph.metadata.exif))?.orientation == .up)
    }

    @Test func everyTruncationIsCorrupt() throws {
        let file = PNGBuilder(width: 16, height: 16, bitDepth: 8, colourType: 2).build { x, y, _ in x + y }
        _ = try PhotographDecoder.decode(file)
        for count in 8..<file.count {
            #expect(throws: ImageError.self, "\(count) of \(file.count) bytes") { try PhotographDecoder.decode(file.prefix(count)) }
        }
    }

    @Test func everyChangedPixelByteIsCorrupt() throws {
        let file = PNGBuilder(width: 16, height: 16, bitDepth: 8, colourType: 0).build { x, y, _ in x + y }
        let pixels = try #require(file.firstRange(of: Data("IDAT".utf8))).lowerBound
        for index in stride(from: pixels, to: file.count - 12, by: 3) {
            var damaged = file
            damaged[index] ^= 0x40
            #expect(throws: ImageError.self, "byte \(index)") { try PhotographDecoder.decode(damaged) }
        }
    }

    @Test func wrongChecksumOfThePixelsIsCorrupt() throws {
        let png = PNGBuilder(width: 16, height: 16, bitDepth: 8, colourType: 0)
        let file = png.build { x, y, _ in x + y }
        let start = try #require(file.firstRange(of: Data("IDAT".utf8))).upperBound
        var stream = Data(file[start..<file.count - 16])
        stream[stream.count - 1] ^= 1  // of zlib's Adler-32; the chunk's own sum is right
        let damaged = file.prefix(start - 8) + PNGBuilder.chunk("IDAT", stream) + PNGBuilder.chunk("IEND", Data())
        #expect(throws: ImageError.self) { try PhotographDecoder.decode(damaged) }
    }

    @Test func limitsComeBeforeMemory() throws {
        let header = PNGBuilder.bigEndian(1 << 30) + PNGBuilder.bigEndian(1 << 30) + Data([16, 6, 0, 0, 1])
        let bomb = Data(PNGHeader.signature) + PNGBuilder.chunk("IHDR", header) + PNGBuilder.chunk("IDAT", PNGBuilder.zlib(Data([0])))
        #expect(throws: ImageError.tooManyPixels(limit: 1000, found: 1 << 60)) { try PhotographDecoder.decode(bomb, maxPixels: 1000) }
        let small = PNGBuilder(width: 15, height: 16, bitDepth: 8, colourType: 0).build { _, _, _ in 0 }
        #expect(throws: ImageError.tooSmall(minimumSide: 16, width: 15, height: 16)) { try PhotographDecoder.decode(small) }
    }

    @Test func badAncillaryChunksDoNotHarmThePicture() throws {
        var png = PNGBuilder(width: 16, height: 16, bitDepth: 8, colourType: 0)
        let garbage = Data((0..<200).map { UInt8($0) })
        png.before = ["gAMA", "cHRM", "sBIT", "iCCP", "pHYs", "zTXt", "iTXt", "sPLT", "abCd", "eXIf"].map { ($0, garbage) }
        let photograph = try PhotographDecoder.decode(png.build { x, y, _ in x + y })
        #expect(photograph.samples == ImagingTestPictures.eight(ImagingTestPictures.interleaved(16, 16) { x, y, _ in x + y }))
        #expect(photograph.metadata == PhotographMetadata())
    }
}
