import Foundation
import Testing

@testable import Engine

@Suite(.timeLimit(.minutes(60))) struct PhotographDecoderJPEGTests {
    /// The sample triple in the middle of each quadrant.
    private func quadrants(of photograph: Photograph) throws -> [[Int]] {
        guard case .eight(let samples) = photograph.samples else { return [] }
        return [(1, 1), (3, 1), (1, 3), (3, 3)].map { x, y in
            let pixel = photograph.height * y / 4 * photograph.width + photograph.width * x / 4
            return (0..<3).map { Int(samples[3 * pixel + $0]) }
        }
    }

    private func expect(_ found: [[Int]], near expected: [[Int]], within tolerance: Int) {
        #expect(found.count == expected.count)
        for (a, b) in zip(found.joined(), expected.joined()) { #expect(abs(a - b) <= tolerance, "\(found) for \(expected)") }
    }

    @Test func inksBecomeLight() throws {
        let light = JPEGFixtures.inkQuadrants.map { inks in (0..<3).map { (255 - inks[$0]) * (255 - inks[3]) / 255 } }
        for file in [JPEGFixtures.cmykInverted, JPEGFixtures.ycckInverted, JPEGFixtures.cmykPlain] {
            let photograph = try PhotographDecoder.decode(file)
            #expect(!photograph.isGray && photograph.alpha == nil && photograph.metadata.chromaSubsampling == nil)
            expect(try quadrants(of: photograph), near: light, within: 3)
        }
    }

    @Test func profileOfInksIsDropped() throws {
        let chunk = Data("ICC_PROFILE\0\u{1}\u{1}".utf8) + ImagingTestPictures.profile(colourSpace: "CMYK")
        let inks = ImagingTestPictures.jpeg(JPEGFixtures.cmykInverted, inserting: [(0xE2, chunk)])
        #expect(try PhotographDecoder.decode(inks).metadata.icc == nil)
        let colours = ImagingTestPictures.jpeg(JPEGFixtures.progressive, inserting: [(0xE2, chunk)])
        #expect(try PhotographDecoder.decode(colours).metadata.icc != nil)
    }

    @Test func progressiveArithmeticAndPlainRGBAreRead() throws {
        for file in [JPEGFixtures.progressive, JPEGFixtures.arithmetic, JPEGFixtures.plainRGB] {
            expect(try quadrants(of: PhotographDecoder.decode(file)), near: JPEGFixtures.quadrants, within: 4)
        }
    }

    @Test(arguments: [(1, 1), (2, 1), (1, 2), (2, 2)]) func subsamplingIsKept(horizontal: Int, vertical: Int) throws {
        let subsampling = ChromaSubsampling(horizontal: horizontal, vertical: vertical)
        let photograph = ImagingTestPictures.photograph(
            width: 33, height: 47, format: .jpeg, metadata: PhotographMetadata(chromaSubsampling: subsampling))
        let again = try PhotographDecoder.decode(PhotographEncoder.encode(photograph))
        #expect(again.metadata.chromaSubsampling == subsampling)
        #expect(ImagingTestPictures.difference(photograph, again).largest < 8)
    }

    @Test(arguments: 1...8) func orientationIsAppliedOnce(value: Int) throws {
        let orientation = try #require(Orientation(rawValue: value))
        let exif = ImagingTestPictures.exif(orientation: value)
        let stored = ImagingTestPictures.photograph(width: 48, height: 32, metadata: PhotographMetadata(exif: exif))
        let upright = try PhotographDecoder.decode(PhotographEncoder.encode(stored, as: .jpeg, quality: 100))
        #expect((upright.width, upright.height) == orientation.uprightSize(width: 48, height: 32))
        // Each stored pixel is found where the orientation puts it.
        let p = stored.planes(x: 0, y: 0, width: 48, height: 32)
        let q = upright.planes(x: 0, y: 0, width: upright.width, height: upright.height)
        var largest: Float = 0
        for y in 0..<32 {
            let (start, step) = orientation.placement(ofRow: y, width: 48, height: 32)
            for x in 0..<48 {
                for plane in stride(from: 0, to: 3 * 48 * 32, by: 48 * 32) {
                    let before = p[plane + y * 48 + x], after = q[plane + start + x * step]
                    largest = max(largest, abs(before - after))
                }
            }
        }
        #expect(largest < 0.02)
        // Written and read again, nothing turns a second time.
        let again = try PhotographDecoder.decode(PhotographEncoder.encode(upright, quality: 100))
        #expect(ImagingTestPictures.difference(upright, again).largest < 8)
        #expect(again.metadata.exif == upright.metadata.exif)
    }

    @Test func everyTruncationIsCorrupt() throws {
        for file in [
            JPEGFixtures.progressive, try PhotographEncoder.encode(ImagingTestPictures.photograph(width: 40, height: 40), as: .jpeg),
        ] {
            _ = try PhotographDecoder.decode(file)
            for count in 3..<file.count {
                #expect(throws: ImageError.self, "\(count) of \(file.count) bytes") { try PhotographDecoder.decode(file.prefix(count)) }
            }
        }
    }

    @Test func strayBytesOfCamerasAreTolerated() throws {
        let file = try PhotographEncoder.encode(ImagingTestPictures.photograph(width: 40, height: 40), as: .jpeg)
        let padded = file.dropLast(2) + [0, 0, 0, 0] + file.suffix(2)
        _ = try PhotographDecoder.decode(padded)
        _ = try PhotographDecoder.decode(file + Data(repeating: 0x55, count: 5000))  // a second picture, a video, anything
        let leading = file.prefix(20) + [1, 2, 3] + file.dropFirst(20)  // between JFIF and DQT
        #expect(try PhotographDecoder.decode(leading).width == 40)
    }

    @Test func lostPixelsAreCorrupt() throws {
        let file = try PhotographEncoder.encode(ImagingTestPictures.photograph(width: 64, height: 64), as: .jpeg)
        #expect(throws: ImageError.self) {  // a hundred bytes of the scan gone
            try PhotographDecoder.decode(file.prefix(file.count - 400) + file.suffix(300))
        }
        #expect(throws: ImageError.self) {  // and a hundred too many
            try PhotographDecoder.decode(file.dropLast(2) + Data(repeating: 0x11, count: 100) + file.suffix(2))
        }
    }

    @Test func scansWithoutEndAreRefused() throws {
        // The third scan, the first of one chroma component's AC coefficients, again and again. Marked as complete (Ah = Al = 0) it may
        // stand any number of times, and each costs a pass over the whole picture.
        let file = JPEGFixtures.progressive
        var start = file.startIndex
        for _ in 0..<3 { start = try #require(file[(start + 1)...].firstRange(of: Data([0xFF, 0xDA]))).lowerBound }
        let end = try #require(file[start...].firstRange(of: Data([0xFF, 0xC4]))).lowerBound
        var scan = Data(file[start..<end])
        scan[9] = 0
        func repeated(_ count: Int) -> Data { file[..<start] + Data(repeatElement(scan, count: count).joined()) + [0xFF, 0xD9] }
        #expect(try PhotographDecoder.decode(repeated(50)).width == 32)
        #expect(throws: ImageError.unsupported(reason: "the JPEG has more than 100 scans")) { try PhotographDecoder.decode(repeated(200)) }
    }

    @Test func limitsComeBeforeMemory() throws {
        var file = JPEGFixtures.progressive
        let frame = try #require(file.firstRange(of: Data([0xFF, 0xC2]))).lowerBound
        file.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])  // 65500 x 65500
        #expect(throws: ImageError.tooManyPixels(limit: 50_000_000, found: 65_500 * 65_500)) { try PhotographDecoder.decode(file) }
    }

    @Test func sizeBeyondTheFormatIsAnErrorThatSaysSo() throws {
        let long = ImagingTestPictures.photograph(width: 65_501, height: 16, isGray: true)
        #expect(throws: ImageError.self) { try PhotographEncoder.encode(long, as: .jpeg) }
        #expect(try ImageInfo(of: PhotographEncoder.encode(long, as: .png)).width == 65_501)
    }
}
