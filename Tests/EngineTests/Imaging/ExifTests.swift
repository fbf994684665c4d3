import Foundation
import Testing

@testable import Engine

@Suite(.timeLimit(.minutes(60))) struct ExifTests {
    @Test(arguments: 1...8, [true, false]) func orientationIsReadInBothByteOrders(value: Int, littleEndian: Bool) throws {
        let exif = try #require(Exif(ImagingTestPictures.exif(orientation: value, littleEndian: littleEndian)))
        #expect(exif.orientation.rawValue == value)
        #expect(try #require(Exif(exif.upright())).orientation == .up)
    }

    @Test(arguments: [true, false]) func uprightSwapsDimensionsAndCutsTheThumbnailOff(littleEndian: Bool) throws {
        let turned = try #require(Exif(ImagingTestPictures.exif(orientation: 6, width: 640, height: 480, littleEndian: littleEndian)))
        var expected = ImagingTestPictures.exif(orientation: 1, width: 480, height: 640, littleEndian: littleEndian)
        expected.replaceSubrange(46..<50, with: [0, 0, 0, 0])  // the link behind the three entries: 8 + 2 + 3 * 12
        #expect(turned.upright() == expected)
    }

    @Test func mirroringKeepsDimensions() throws {
        let turned = try #require(Exif(ImagingTestPictures.exif(orientation: 3)))
        var expected = ImagingTestPictures.exif(orientation: 1)
        expected.replaceSubrange(46..<50, with: [0, 0, 0, 0])
        #expect(turned.upright() == expected)
    }

    @Test func uprightExifIsKeptByteForByte() throws {
        let bytes = ImagingTestPictures.exif(orientation: 1)
        #expect(try #require(Exif(bytes)).upright() == bytes)
        #expect(try #require(Exif(Data("Exif\0\0".utf8) + bytes)).upright() == bytes)
    }

    @Test(arguments: [0, 9, 255, 65535]) func impossibleOrientationMeansUprightAndIsReset(value: Int) throws {
        let exif = try #require(Exif(ImagingTestPictures.exif(orientation: value)))
        #expect(exif.orientation == .up)
        #expect(exif.upright() == ImagingTestPictures.exif(orientation: 1))
    }

    @Test func everyTruncationAndEveryChangedByteIsSurvived() {
        let bytes = ImagingTestPictures.exif(orientation: 6)
        for count in 0..<bytes.count { _ = Exif(bytes.prefix(count))?.upright() }
        for index in bytes.indices {
            var changed = bytes
            changed[index] = 0xFF
            #expect((Exif(changed)?.upright().count ?? bytes.count) == bytes.count)
        }
    }

    @Test func sliceOfAFileIsReadFromItsOwnStart() throws {
        let slice = (Data(repeating: 7, count: 100) + ImagingTestPictures.exif(orientation: 8)).dropFirst(100)
        #expect(try #require(Exif(slice)).orientation == .rotated270)
    }

    @Test func otherBytesAreNoExif() {
        #expect(Exif(Data()) == nil)
        #expect(Exif(Data("Exif\0\0".utf8)) == nil)
        #expect(Exif(Data("JFIF and more".utf8)) == nil)
    }
}
