import Foundation
import Testing

@testable import Engine

/// Metadata cut out of a file whose compressed pixels stay as they are.
@Suite(.timeLimit(.minutes(60))) struct MetadataCutTests {
    private static let profile = ImagingTestPictures.profile(colourSpace: "RGB ")

    /// All kinds of metadata, and a segment that nobody knows, around a scan with restarts and a second picture behind the end.
    private static let jpeg =
        ImagingTestPictures.jpeg(
            JPEGFixtures.restarting,
            inserting: [
                (0xE1, Data(Exif.prefix) + ExifGPSTests.exif(littleEndian: true)), (0xE1, Data(XMP.prefix) + Data(XMPTests.packet.utf8)),
                (0xE2, Data("ICC_PROFILE\0\u{1}\u{1}".utf8) + profile), (0xED, PhotoshopResourcesTests.segment),
                (0xE5, Data("maker's own, perhaps GPS".utf8)), (0xFE, Data("a comment".utf8)),
            ]) + JPEGFixtures.restarting

    private static let png: Data = {
        var builder = PNGBuilder(width: 16, height: 16, bitDepth: 8, colourType: 2)
        builder.before = [
            ("gAMA", PNGBuilder.bigEndian(100_000)), ("cICP", Data([12, 13, 0, 1])), ("tEXt", Data("Title\0a title".utf8)),
            ("pHYs", PNGBuilder.bigEndian(11811) + PNGBuilder.bigEndian(11811) + [1]), ("prVt", Data("GPS".utf8)),
        ]
        builder.after = [
            ("eXIf", ExifGPSTests.exif(littleEndian: true)), ("iTXt", PNGChunk(xmp: Data(XMPTests.packet.utf8)).content),
            ("zTXt", Data("Raw profile type exif\0\0x".utf8)),
        ]
        return builder.build { x, y, channel in x * 16 + y + channel }
    }()

    /// The compressed pixels: what lies between the frame header and the end.
    private func scan(_ file: Data) throws -> Data {
        let start = try #require(file.firstRange(of: Data([0xFF, 0xC0]))).lowerBound
        let end = try #require(file[start...].firstRange(of: Data([0xFF, 0xD9]))).upperBound
        return file[start..<end]
    }

    private func types(_ file: Data) -> [String] {
        var offset = 8, types: [String] = []
        while let (chunk, length) = PNGHeader.chunk(ByteView(file), at: offset) {
            types.append(String(decoding: PNGChunk.bigEndian(chunk.type), as: UTF8.self))
            offset += 12 + length
        }
        return types
    }

    @Test func aStrippedJPEGKeepsItsScanAndItsProfile() throws {
        let cut = try #require(MetadataCut.apply(.strip, to: Self.jpeg, .jpeg))
        #expect(try scan(cut) == scan(Self.jpeg), "the pixels are not encoded again")
        let photograph = try PhotographDecoder.decode(cut), original = try PhotographDecoder.decode(Self.jpeg)
        #expect(photograph.samples == original.samples)
        #expect(photograph.metadata == PhotographMetadata(icc: Self.profile, chromaSubsampling: original.metadata.chromaSubsampling))
        for text in ["GPS", "Ada", "a caption", "a note", "a comment", "maker"] {
            #expect(cut.range(of: Data(text.utf8)) == nil, "\(text)")
        }
        #expect(
            cut.suffix(2) == Data([0xFF, 0xD9]) && cut.firstRange(of: Data([0xFF, 0xD9]))?.upperBound == cut.endIndex,
            "nothing is behind it")
    }

    @Test func aJPEGWithoutItsPlaceKeepsTheRest() throws {
        let cut = try #require(MetadataCut.apply(.stripGPS, to: Self.jpeg, .jpeg))
        #expect(try scan(cut) == scan(Self.jpeg))
        let metadata = try PhotographDecoder.decode(cut).metadata
        #expect(metadata == (try PhotographDecoder.decode(Self.jpeg)).metadata.applying(.stripGPS), "as it would be written anew")
        for text in ["Ada", "a caption", "a note", "a comment"] { #expect(cut.range(of: Data(text.utf8)) != nil, "\(text)") }
        for text in ["GPSLat", "GpsLat", "maker's own"] { #expect(cut.range(of: Data(text.utf8)) == nil, "\(text)") }
        #expect(MetadataCut.apply(.keep, to: Self.jpeg, .jpeg) == Self.jpeg)
    }

    /// A JPEG that its Exif turns cannot be turned without encoding it again: of the block the turn alone stays.
    @Test(arguments: 1...8) func aTurnedJPEGStaysTurned(orientation: Int) throws {
        let first = ImagingTestPictures.exif(orientation: orientation), second = ImagingTestPictures.exif(orientation: 3)
        let file = ImagingTestPictures.jpeg(
            JPEGFixtures.restarting,
            inserting: [
                (0xE1, Data(XMP.prefix) + Data(XMPTests.packet.utf8)), (0xE1, Data("Exif\0\0no block".utf8)),
                (0xE1, Data(Exif.prefix) + first),
                (0xE1, Data(Exif.prefix) + second),
            ])
        let shown = try PhotographDecoder.decode(file)
        for policy in MetadataPolicy.allCases {
            let cut = try #require(MetadataCut.apply(policy, to: file, .jpeg)), photograph = try PhotographDecoder.decode(cut)
            #expect(try scan(cut) == scan(file))
            #expect(try PictureHeader.parse(cut).orientation.rawValue == orientation)
            #expect((photograph.width, photograph.height) == (shown.width, shown.height) && photograph.samples == shown.samples)
        }
        let bare = try #require(MetadataCut.apply(.strip, to: file, .jpeg))
        let without = try #require(MetadataCut.apply(.strip, to: JPEGFixtures.restarting, .jpeg)), turn = Exif.prefix.count + 26 + 4
        #expect(bare.count == without.count + (orientation == 1 ? 0 : turn), "nothing else of four segments")
        #expect(bare.range(of: Data("a note".utf8)) == nil)
    }

    @Test func aStrippedPNGKeepsItsPixelsAndItsColours() throws {
        let cut = try #require(MetadataCut.apply(.strip, to: Self.png, .png))
        #expect(types(cut) == ["IHDR", "gAMA", "cICP", "IDAT", "IEND"])
        #expect(try PhotographDecoder.decode(cut).samples == PhotographDecoder.decode(Self.png).samples)
    }

    @Test func aPNGWithoutItsPlaceKeepsTheRest() throws {
        let cut = try #require(MetadataCut.apply(.stripGPS, to: Self.png + Data("GPS".utf8), .png))
        #expect(types(cut) == ["IHDR", "gAMA", "cICP", "tEXt", "pHYs", "IDAT", "eXIf", "iTXt", "IEND"])
        #expect(try PhotographDecoder.decode(cut).metadata == PhotographDecoder.decode(Self.png).metadata.applying(.stripGPS))
        #expect(cut.range(of: Data("exif:GPS".utf8)) == nil && cut.suffix(12) == PNGBuilder.chunk("IEND", Data()))
    }

    /// Scans between which tables stand, arithmetic coding, inks: what libjpeg reads is what it read.
    @Test func everyKindOfJPEGStaysWhole() throws {
        for file in [
            JPEGFixtures.progressive, JPEGFixtures.arithmetic, JPEGFixtures.cmykInverted, JPEGFixtures.ycckInverted, JPEGFixtures.plainRGB,
        ] {
            for policy in MetadataPolicy.allCases {
                let cut = try #require(MetadataCut.apply(policy, to: file, .jpeg))
                #expect(try PhotographDecoder.decode(cut).samples == PhotographDecoder.decode(file).samples)
            }
        }
    }

    @Test func aFileWithoutAnEndIsLeftAlone() {
        for count in 2..<JPEGFixtures.restarting.count - 1 {
            #expect(MetadataCut.apply(.strip, to: JPEGFixtures.restarting.prefix(count), .jpeg) == nil)
        }
        for count in 8..<Self.png.count - 1 { #expect(MetadataCut.apply(.strip, to: Self.png.prefix(count), .png) == nil) }
    }
}
