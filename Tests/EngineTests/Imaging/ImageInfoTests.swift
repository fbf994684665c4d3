import Foundation
import Testing

@testable import Engine

@Suite(.timeLimit(.minutes(60))) struct ImageInfoTests {
    @Test func wrongMagicIsNotAnImage() {
        let others: [Data] = [
            Data(), Data([0xFF]), Data([0xFF, 0xD8]), Data("GIF89a and so on".utf8), Data("RIFF....WEBP".utf8), Data("<svg/>".utf8),
            Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A]), Data(repeating: 0, count: 1000),
        ]
        for data in others { #expect(throws: ImageError.notAnImage) { try ImageInfo(of: data) } }
    }

    @Test func sizeIsAsShownAfterTheOrientation() throws {
        let png = ImagingTestPictures.photograph(
            width: 40, height: 20, metadata: PhotographMetadata(exif: ImagingTestPictures.exif(orientation: 6)))
        for format in ImageFormat.allCases {
            let info = try ImageInfo(of: PhotographEncoder.encode(png, as: format))
            #expect((info.width, info.height) == (20, 40))
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
