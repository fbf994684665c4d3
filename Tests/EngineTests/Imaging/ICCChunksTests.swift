import Foundation
import Testing
@testable import Engine

/// A colour profile in numbered chunks.
@Suite(.timeLimit(.minutes(60))) struct ICCChunksTests {
    @Test func contradictoryProfileChunksAreDropped() throws {
        let file = try PhotographEncoder.encode(ImagingTestPictures.photograph(width: 16, height: 16), as: .jpeg)
        func decoded(_ numbers: [(UInt8, UInt8)]) throws -> Data? {
            let chunks = numbers.map { number, count in
                (marker: UInt8(0xE2), content: Data("ICC_PROFILE\0".utf8) + [number, count] + Data(repeating: number, count: 3))
            }
            return try PhotographDecoder.decode(ImagingTestPictures.jpeg(file, inserting: chunks)).metadata.icc
        }
        #expect(try decoded([(2, 2), (1, 2)]) == Data([1, 1, 1, 2, 2, 2]))
        #expect(try decoded([(1, 2)]) == nil)
        #expect(try decoded([(1, 2), (2, 3)]) == nil)
        #expect(try decoded([(1, 1), (1, 1)]) == nil)
        #expect(try decoded([(0, 0)]) == nil)
    }
}
