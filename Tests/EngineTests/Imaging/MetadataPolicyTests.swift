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
}
