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

    /// SHORT or LONG, and one of each.
    enum Width: CaseIterable { case shorts, longs, shortAndLong }

    /// A main directory of ImageWidth, ImageLength and the orientation, as scanners and converters of raw pictures write it.
    private static func exif(
        width: Int, height: Int, orientation: Int, _ kind: Width, littleEndian: Bool, padding: UInt8 = 0xEE
    ) -> Data {
        func integer(_ value: Int, _ bytes: Int) -> [UInt8] {
            let little = (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return littleEndian ? little : little.reversed()
        }
        func entry(_ tag: Int, _ value: Int, isShort: Bool) -> [UInt8] {
            integer(tag, 2) + integer(isShort ? 3 : 4, 2) + integer(1, 4)
                + (isShort ? integer(value, 2) + [padding, padding] : integer(value, 4))
        }
        var tiff: [UInt8] = Array((littleEndian ? "II" : "MM").utf8) + integer(42, 2) + integer(8, 4) + integer(3, 2)
        tiff += entry(0x0100, width, isShort: kind != .longs) + entry(0x0101, height, isShort: kind == .shorts)
        return Data(tiff + entry(0x0112, orientation, isShort: true) + integer(0, 4))
    }

    @Test(arguments: Width.allCases, [true, false]) func theMainDirectorysSizeFollowsATurn(kind: Width, littleEndian: Bool) throws {
        for orientation in 1...8 {
            let before = Self.exif(width: 640, height: 480, orientation: orientation, kind, littleEndian: littleEndian)
            let swaps = orientation >= 5
            let after = Self.exif(
                width: swaps ? 480 : 640, height: swaps ? 640 : 480, orientation: 1, kind, littleEndian: littleEndian)
            #expect(try #require(Exif(before)).upright() == after)
        }
    }

    @Test(arguments: Width.allCases, [true, false]) func theMainDirectorysSizeFollowsAReduction(kind: Width, littleEndian: Bool) throws {
        let before = Self.exif(width: 640, height: 480, orientation: 1, kind, littleEndian: littleEndian)
        let after = Self.exif(width: 320, height: 241, orientation: 1, kind, littleEndian: littleEndian)
        #expect(try #require(Exif(before)).withDimensions(width: 320, height: 241) == after)
    }

    /// A number that does not fit is better left old than written wrong.
    @Test func aSizeThatDoesNotFitIsLeftAlone() throws {
        let before = Self.exif(width: 640, height: 70_000, orientation: 6, .shortAndLong, littleEndian: true)
        #expect(
            try #require(Exif(before)).upright() == Self.exif(width: 640, height: 70_000, orientation: 1, .shortAndLong, littleEndian: true)
        )
        #expect(try #require(Exif(before)).withDimensions(width: 65_536, height: 16) == before)
    }

    @Test(arguments: 1...8) func aBlockOfTheTurnAlone(value: Int) throws {
        let orientation = try #require(Orientation(rawValue: value)), exif = try #require(Exif(Exif.block(turning: orientation)))
        #expect(exif.orientation == orientation)
        #expect(exif.entries(of: exif.mainDirectory).map(\.tag) == [Exif.Tag.orientation])
        let link = try #require(exif.nextDirectoryLink(of: exif.mainDirectory))
        #expect(exif.view.u32(at: link) == 0)
    }
}
