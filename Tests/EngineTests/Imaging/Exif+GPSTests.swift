import Foundation
import Testing

@testable import Engine

/// What of the Exif stays.
@Suite(.timeLimit(.minutes(60))) struct ExifGPSTests {
    /// A main directory of a description, the GPS link, and a copyright (all too long for their entries), then a GPS directory with a
    /// latitude of three rationals and a short reference.
    static func exif(littleEndian: Bool, gpsFirst: Bool = false) -> Data {
        func integer(_ value: Int, _ bytes: Int) -> [UInt8] {
            let little = (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return littleEndian ? little : little.reversed()
        }
        func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: [UInt8]) -> [UInt8] {
            integer(tag, 2) + integer(type, 2) + integer(count, 4) + value
        }
        let note = 8 + 2 + 3 * 12 + 4, right = note + 8, gps = right + 8, latitude = gps + 2 + 2 * 12 + 4
        var entries = [entry(0x010E, 2, 7, integer(note, 4)), entry(0x8825, 4, 1, integer(gps, 4)), entry(0x8298, 2, 7, integer(right, 4))]
        if gpsFirst { entries.swapAt(0, 1) }
        var tiff: [UInt8] =
            Array((littleEndian ? "II" : "MM").utf8) + integer(42, 2) + integer(8, 4) + integer(3, 2) + entries.flatMap { $0 }
        tiff += integer(0, 4) + Array("a note\0\0".utf8) + Array("a name\0\0".utf8)
        tiff += integer(2, 2) + entry(1, 2, 2, [0x4E, 0, 0, 0]) + entry(2, 5, 3, integer(latitude, 4)) + integer(0, 4)
        for value in [48, 51, 29] { tiff += integer(value, 4) + integer(1, 4) }
        return Data(tiff)
    }

    @Test(arguments: [true, false], [true, false]) func thePlaceGoesAndTheRestStays(littleEndian: Bool, gpsFirst: Bool) throws {
        let bytes = Self.exif(littleEndian: littleEndian, gpsFirst: gpsFirst)
        let original = try #require(Exif(bytes))
        let stripped = original.withoutGPS()
        #expect(stripped.count == bytes.count)
        let exif = try #require(Exif(stripped))
        #expect(exif.entries(of: exif.mainDirectory).map(\.tag) == [0x010E, 0x8298])
        #expect(original.entries(of: original.mainDirectory).map(\.tag).sorted() == [0x010E, 0x8298, 0x8825])
        for text in ["a note", "a name"] { #expect(stripped.range(of: Data(text.utf8)) != nil) }
        // Neither the directory nor the degrees are there any more.
        #expect(stripped.suffix(2 + 2 * 12 + 4 + 24).allSatisfy { $0 == 0 })
        #expect(bytes.suffix(24).contains(48))
        #expect(try #require(Exif(stripped)).withoutGPS() == stripped)
    }

    @Test func withoutAPlaceNothingChanges() throws {
        let bytes = ImagingTestPictures.exif(orientation: 1)
        #expect(try #require(Exif(bytes)).withoutGPS() == bytes)
    }

    @Test func everyTruncationAndEveryChangedByteIsSurvived() {
        let bytes = Self.exif(littleEndian: true)
        for count in 0..<bytes.count { _ = Exif(bytes.prefix(count))?.withoutGPS() }
        for index in bytes.indices {
            for value: UInt8 in [0, 1, 0x7F, 0xFF] {
                var changed = bytes
                changed[index] = value
                #expect((Exif(changed)?.withoutGPS().count ?? bytes.count) == bytes.count)
            }
        }
    }

    @Test(arguments: [true, false]) func dimensionsFollow(littleEndian: Bool) throws {
        let bytes = ImagingTestPictures.exif(orientation: 1, width: 640, height: 480, littleEndian: littleEndian)
        let expected = ImagingTestPictures.exif(orientation: 1, width: 320, height: 240, littleEndian: littleEndian)
        #expect(try #require(Exif(bytes)).withDimensions(width: 320, height: 240) == expected)
    }
}
