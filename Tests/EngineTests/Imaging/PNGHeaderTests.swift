import Foundation
import Testing
@testable import Engine

/// What a PNG says of itself before its pixels.
@Suite(.timeLimit(.minutes(60))) struct PNGHeaderTests {
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
}
