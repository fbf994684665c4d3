import Foundation
import Testing
@testable import Engine

/// The quality and the subsampling that a file was written with.
@Suite(.timeLimit(.minutes(60))) struct JPEGQualityTests {
    @Test func qualityAndSubsamplingAreRecognized() throws {
        let metadata = try PhotographDecoder.decode(JPEGFixtures.progressive).metadata
        #expect(metadata.jpegQuality == 90)
        #expect(metadata.chromaSubsampling == ChromaSubsampling(horizontal: 2, vertical: 2))
        for quality in [10, 30, 50, 75, 95, 100] {
            let file = try PhotographEncoder.encode(ImagingTestPictures.photograph(width: 16, height: 16), as: .jpeg, quality: quality)
            #expect(try PhotographDecoder.decode(file).metadata.jpegQuality == quality)
        }
    }
}
