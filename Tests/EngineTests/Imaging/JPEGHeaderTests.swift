import Foundation
import Testing
@testable import Engine

/// What a JPEG says of itself before its pixels.
@Suite(.timeLimit(.minutes(60))) struct JPEGHeaderTests {
    private func expectUnsupported(_ data: Data) {
        for read in [{ _ = try ImageInfo(of: data) }, { _ = try PhotographDecoder.decode(data) }] {
            do {
                try read()
                Issue.record("accepted")
            } catch ImageError.unsupported {
            } catch { Issue.record("\(error)") }
        }
    }

    @Test func jpegBehindLargeSegmentsIsFoundFromAPrefix() throws {
        let segments = (0..<20).map { (marker: UInt8(0xE0 + $0 % 16), content: Data(repeating: 0xFF, count: 65_000)) }
        let file = ImagingTestPictures.jpeg(JPEGFixtures.progressive, inserting: segments)
        let expected = ImageInfo(format: .jpeg, width: 32, height: 32, bitDepth: 8, isGray: false, hasAlpha: false)
        #expect(try ImageInfo(of: file) == expected)
        let prefix = file.prefix(file.count - JPEGFixtures.progressive.count + 200)
        #expect(try ImageInfo(of: prefix) == expected)
        #expect(throws: ImageError.corrupt(reason: "the JPEG has no frame header, or ends before it")) {
            try ImageInfo(of: file.prefix(500_000))
        }
    }

    @Test func jpegsOfOtherKindsAreUnsupported() throws {
        let frame = try #require(JPEGFixtures.progressive.firstRange(of: Data([0xFF, 0xC2]))).lowerBound
        func changed(_ offset: Int, to byte: UInt8) -> Data {
            var file = JPEGFixtures.progressive
            file[frame + offset] = byte
            return file
        }
        for lossless in [0xC3, 0xC5, 0xCB, 0xCF] as [UInt8] { expectUnsupported(changed(1, to: lossless)) }
        expectUnsupported(changed(4, to: 12))
        expectUnsupported(JPEGFixtures.twoComponents)
        #expect(throws: ImageError.self) { try ImageInfo(of: changed(9, to: 200)) }  // components that do not fit the length
    }
}
