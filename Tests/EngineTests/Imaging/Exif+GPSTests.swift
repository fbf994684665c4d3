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

    /// Where a GPS directory may be linked from: the main directory, the one behind it (the thumbnail's), Exif, Interoperability, SubIFDs (one
    /// link, or a list of two).
    enum Place: CaseIterable { case main, thumbnail, exif, interoperability, subIFD, subIFDList }

    /// A main directory, and a chain of links that ends in a GPS directory with a latitude of three rationals, the last 24 bytes.
    private static func exif(_ place: Place) -> Data {
        func integer(_ value: Int, _ bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: Int) -> [UInt8] {
            integer(tag, 2) + integer(type, 2) + integer(count, 4) + integer(value, 4)
        }
        // Three directories of two entries (30 bytes each) at 8, 38 and 68, a list of two offsets at 98, the GPS directory at 106.
        let inner = 38, third = 68, list = 98, gps = 106, latitude = gps + 2 + 12 + 4
        let link = entry(0x8825, 4, 1, gps), note = entry(0x0112, 3, 1, 1)
        func directory(_ entries: [UInt8], next: Int = 0) -> [UInt8] { integer(2, 2) + entries + integer(next, 4) }
        let plain = directory(note + note), end = directory(note + link)
        let parts: [[UInt8]] =
            switch place {
            case .main: [directory(note + link), plain, plain]
            case .thumbnail: [directory(note + note, next: inner), end, plain]
            case .exif: [directory(note + entry(0x8769, 4, 1, inner)), end, plain]
            case .interoperability: [directory(note + entry(0x8769, 4, 1, inner)), directory(note + entry(0xA005, 4, 1, third)), end]
            case .subIFD: [directory(note + entry(0x014A, 4, 1, third)), plain, end]
            case .subIFDList: [directory(note + entry(0x014A, 4, 2, list)), plain, end]
            }
        var tiff: [UInt8] = Array("II".utf8) + integer(42, 2) + integer(8, 4) + parts.flatMap { $0 } + integer(inner, 4) + integer(third, 4)
        tiff += integer(1, 2) + entry(2, 5, 3, latitude) + integer(0, 4)
        for value in [48, 51, 29] { tiff += integer(value, 4) + integer(1, 4) }
        return Data(tiff)
    }

    @Test(arguments: Place.allCases) func thePlaceIsFoundWhereverItsLinkStands(place: Place) throws {
        let bytes = Self.exif(place), stripped = try #require(Exif(bytes)).withoutGPS()
        #expect(bytes.suffix(24).contains(51) && stripped.count == bytes.count)
        #expect(stripped.suffix(2 + 12 + 4 + 24).allSatisfy { $0 == 0 })
        #expect(bytes.range(of: Data([0x25, 0x88])) != nil && stripped.range(of: Data([0x25, 0x88])) == nil, "no link is left")
        #expect(stripped.prefix(8 + 2 + 12) == bytes.prefix(8) + Data([place == .main ? 1 : 2, 0]) + bytes.dropFirst(10).prefix(12))
    }

    /// A link that leads to a directory that holds more than the place costs nothing but itself.
    @Test func aLinkBackErasesNothing() throws {
        var bytes = Self.exif(.exif)
        bytes.replaceSubrange(38 + 2 + 12 + 8..<38 + 2 + 24, with: [8, 0, 0, 0])
        let stripped = try #require(Exif(bytes)).withoutGPS()
        #expect(stripped.prefix(38) == bytes.prefix(38) && stripped.range(of: Data([0x25, 0x88])) == nil)
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
