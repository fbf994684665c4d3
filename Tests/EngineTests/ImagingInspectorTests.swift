import Foundation
import Testing

@testable import Engine

@Suite(.timeLimit(.minutes(60))) struct ImagingInspectorTests {
    @Test(arguments: [
        (0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16]),
    ]) func everyPNGTypeIsNamed(colourType: Int, bitDepths: [Int]) throws {
        for bitDepth in bitDepths {
            var png = PNGBuilder(width: 20, height: 30, bitDepth: bitDepth, colourType: colourType)
            if colourType == 3 { png.palette = [UInt8](repeating: 9, count: 6) }
            let plain = try ImageInfo(of: png.build { _, _, _ in 0 })
            #expect(
                plain
                    == ImageInfo(
                        format: .png, width: 20, height: 30, bitDepth: colourType == 3 ? 8 : bitDepth,
                        isGray: colourType == 0 || colourType == 4, hasAlpha: colourType >= 4))
            if colourType < 4 {
                png.transparency = [0, 0, 0, 0, 0, 0]
                #expect(try ImageInfo(of: png.build { _, _, _ in 0 }).hasAlpha)
            }
        }
    }

    @Test func wrongMagicIsNotAnImage() {
        let others: [Data] = [
            Data(), Data([0xFF]), Data([0xFF, 0xD8]), Data("GIF89a and so on".utf8), Data("RIFF....WEBP".utf8), Data("<svg/>".utf8),
            Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A]), Data(repeating: 0, count: 1000),
        ]
        for data in others { #expect(throws: ImageError.notAnImage) { try ImageInfo(of: data) } }
    }

    @Test func jpegBehindLargeSegmentsIsFoundFromAPrefix() throws {
        let segments = (0..<20).map { (marker: UInt8(0xE0 + $0 % 16), content: Data(repeating: 0xFF, count: 65_000)) }
        let file = ImagingTestPictures.jpeg(JPEGFixtures.progressive, inserting: segments)
        let expected = ImageInfo(format: .jpeg, width: 32, height: 32, bitDepth: 8, isGray: false, hasAlpha: false)
        #expect(try ImageInfo(of: file) == expected)
        let prefix = file.prefix(file.count - JPEGFixtures.progressive.count + 200)
        #expect(try ImageInfo(of: prefix) == expected)
        #expect(throws: ImageError.corrupt(reason: "the JPEG has no frame header, or ends before it")) {
            try ImageInfo(of: file.prefix(500_000))
        }
    }

    @Test func sizeIsAsShownAfterTheOrientation() throws {
        let png = ImagingTestPictures.photograph(
            width: 40, height: 20, metadata: PhotographMetadata(exif: ImagingTestPictures.exif(orientation: 6)))
        for format in ImageFormat.allCases {
            let info = try ImageInfo(of: PhotographEncoder.encode(png, as: format))
            #expect((info.width, info.height) == (20, 40))
        }
    }

    @Test func orientationBehindThePixelsOfAPNGCounts() throws {
        var png = PNGBuilder(width: 40, height: 20, bitDepth: 8, colourType: 0)
        png.after = [("eXIf", ImagingTestPictures.exif(orientation: 8))]
        #expect(try ImageInfo(of: png.build { x, _, _ in x }).width == 20)
    }

    @Test func damagedCheckSumsAreSeen() throws {
        let file = PNGBuilder(width: 20, height: 20, bitDepth: 8, colourType: 2).build { _, _, _ in 0 }
        for index in 8..<33 {
            var damaged = file
            damaged[index] ^= 0x10
            #expect(throws: ImageError.self, "byte \(index)") { try ImageInfo(of: damaged) }
        }
    }

    @Test(arguments: [
        (1, 8), (5, 8), (7, 8), (2, 4), (3, 16), (6, 1), (0, 3), (0, 0), (2, 99),
    ]) func impossiblePNGTypesAreCorrupt(colourType: Int, bitDepth: Int) {
        let header = PNGBuilder.bigEndian(20) + PNGBuilder.bigEndian(20) + Data([UInt8(bitDepth), UInt8(colourType), 0, 0, 0])
        #expect(throws: ImageError.corrupt(reason: "the PNG header says colour type \(colourType) with \(bitDepth) bits")) {
            try ImageInfo(of: Data(PNGHeader.signature) + PNGBuilder.chunk("IHDR", header))
        }
    }

    @Test func jpegsOfOtherKindsAreUnsupported() throws {
        let frame = try #require(JPEGFixtures.progressive.firstRange(of: Data([0xFF, 0xC2]))).lowerBound
        func changed(_ offset: Int, to byte: UInt8) -> Data {
            var file = JPEGFixtures.progressive
            file[frame + offset] = byte
            return file
        }
        for lossless in [0xC3, 0xC5, 0xCB, 0xCF] as [UInt8] { expectUnsupported(changed(1, to: lossless)) }
        expectUnsupported(changed(4, to: 12))
        expectUnsupported(JPEGFixtures.twoComponents)
        #expect(throws: ImageError.self) { try ImageInfo(of: changed(9, to: 200)) }  // components that do not fit the length
    }

    private func expectUnsupported(_ data: Data) {
        for read in [{ _ = try ImageInfo(of: data) }, { _ = try PhotographDecoder.decode(data) }] {
            do {
                try read()
                Issue.record("accepted")
            } catch ImageError.unsupported {
            } catch { Issue.record("\(error)") }
        }
    }

    @Test func sizesAreHeldAgainstTheLimits() throws {
        func info(_ width: Int, _ height: Int) -> ImageInfo {
            ImageInfo(format: .png, width: width, height: height, bitDepth: 8, isGray: false, hasAlpha: false)
        }
        try info(16, 16).requireSize(maxPixels: 256)
        try info(10_000, 5_000).requireSize(maxPixels: ImageInfo.defaultMaxPixels)
        #expect(throws: ImageError.tooManyPixels(limit: 255, found: 256)) { try info(16, 16).requireSize(maxPixels: 255) }
        #expect(throws: ImageError.tooSmall(minimumSide: 16, width: 15, height: 400)) { try info(15, 400).requireSize(maxPixels: 50_000) }
        let largest = Int(Int32.max)
        #expect(throws: ImageError.tooManyPixels(limit: 50_000_000, found: largest * largest)) {
            try info(largest, largest).requireSize(maxPixels: 50_000_000)
        }
    }

    @Test func errorsNameTheLimitTheMeasureAndTheWayOut() {
        #expect("\(ImageError.tooManyPixels(limit: 50, found: 60))".contains("60 pixels; at most 50 are accepted. Reduce it"))
        #expect("\(ImageError.tooSmall(minimumSide: 16, width: 3, height: 40))".contains("3x40 pixels; each side needs at least 16"))
        #expect("\(ImageError.corrupt(reason: "it ends early"))".contains("it ends early"))
        #expect("\(ImageError.notAnImage)".contains("JPEG nor a PNG"))
    }

    @Test func stateOfEveryPrefixIsTheSameOrAnError() throws {
        let file = try PhotographEncoder.encode(ImagingTestPictures.photograph(width: 20, height: 20), as: .jpeg)
        let whole = try ImageInfo(of: file)
        var found = 0
        for count in 0...file.count {
            if let info = try? ImageInfo(of: file.prefix(count)) {
                #expect(info == whole)
                found += 1
            }
        }
        #expect(found > 10)
    }
}
