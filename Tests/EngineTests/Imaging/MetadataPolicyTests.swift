import Foundation
import Testing
@testable import Engine

/// What of the metadata a result keeps.
@Suite(.timeLimit(.minutes(60))) struct MetadataPolicyTests {
    @Test func policies() throws {
        let icc = ImagingTestPictures.profile(colourSpace: "RGB ")
        let metadata = PhotographMetadata(icc: icc, exif: ExifGPSTests.exif(littleEndian: true))
        #expect(metadata.applying(.keep) == metadata)
        #expect(metadata.applying(.strip) == PhotographMetadata(icc: icc))
        #expect(metadata.applying(.stripGPS).icc == icc)
        #expect(metadata.applying(.stripGPS).exif == Exif(ExifGPSTests.exif(littleEndian: true))?.withoutGPS())
        #expect(PhotographMetadata(exif: Data("no TIFF".utf8)).applying(.stripGPS).exif == nil, "nobody can tell what it holds")
    }

    /// Credits stay without the place, in whatever block they stand; nothing but the colours stays without metadata.
    @Test func everyKindFollowsThePolicy() throws {
        var metadata = PhotographMetadata()
        metadata.xmp = Data(XMPTests.packet.utf8)
        metadata.extendedXMP = [Data("one exif:G".utf8), Data("PSLatitude".utf8)]
        metadata.photoshop = [PhotoshopResourcesTests.segment, Data("no resources".utf8)]
        metadata.comments = [Data("a comment".utf8)]
        metadata.resolution = Resolution(.inch, x: 300, y: 300)
        metadata.texts = [PNGChunk("tEXt", Data("Title\0a".utf8)), PNGChunk("tEXt", Data("exif:GPSInfo\0b".utf8))]
        metadata.colours = [PNGChunk("gAMA", PNGChunk.bigEndian(45455))]
        #expect(metadata.applying(.keep) == metadata)

        var bare = PhotographMetadata()
        bare.colours = metadata.colours
        #expect(metadata.applying(.strip) == bare)

        let placeless = metadata.applying(.stripGPS)
        #expect(placeless.xmp.map { $0.range(of: Data("exif:GPS".utf8)) == nil && $0.range(of: Data("Ada".utf8)) != nil } == true)
        #expect(placeless.extendedXMP == [] && placeless.photoshop.count == 1 && placeless.texts == [metadata.texts[0]])
        #expect(
            placeless.photoshop[0].range(of: Data("a caption".utf8)) != nil && placeless.photoshop[0].range(of: Data("xmpmeta".utf8)) == nil
        )
        #expect(
            placeless.comments == metadata.comments && placeless.resolution == metadata.resolution && placeless.colours == metadata.colours)
    }
}
