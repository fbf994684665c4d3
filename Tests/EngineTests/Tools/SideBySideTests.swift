import Foundation
import Testing

@testable import Engine

/// Two photographs in one picture.
@Suite(.timeLimit(.minutes(60))) struct SideBySideTests {
    @Test func leftAGapAndRight() throws {
        let left = EngineTestPictures.textured(width: 130, height: 100)
        var right = left
        right.setPlanes([Float](repeating: 0.25, count: 3 * 130 * 100), x: 0, y: 0, width: 130, height: 100)
        let joined = try SideBySide.join(left, right), gap = 2
        #expect(joined.width == 2 * 130 + gap && joined.height == 100 && joined.format == left.format)
        #expect(joined.planes(x: 0, y: 0, width: 130, height: 100) == left.planes(x: 0, y: 0, width: 130, height: 100))
        #expect(joined.planes(x: 130, y: 0, width: gap, height: 100).allSatisfy { $0 == 1 })
        #expect(joined.planes(x: 130 + gap, y: 0, width: 130, height: 100) == right.planes(x: 0, y: 0, width: 130, height: 100))
    }

    /// A JPEG has at most 65,500 columns: 2 w + w / 64.
    @Test(arguments: [(32_496, true), (32_497, false)]) func whatIsTooWideForAJPEGStandsAbove(width: Int, isBeside: Bool) throws {
        let left = ImagingTestPictures.photograph(width: width, height: 16), gap = width / 64
        var right = left
        right.setPlanes([Float](repeating: 0.25, count: 3 * 16 * width), x: 0, y: 0, width: width, height: 16)
        let files = try [left, right].map { try PhotographEncoder.encode($0, as: .png) }
        let jpeg = try Deblurrer.sideBySide(files[0], files[1], maxPixels: .max, as: .jpeg, quality: 95)
        let info = try ImageInfo(of: jpeg)
        #expect((info.width, info.height) == (isBeside ? 2 * width + gap : width, isBeside ? 16 : 32 + gap) && info.format == .jpeg)
        let png = try PhotographDecoder.decode(Deblurrer.sideBySide(files[0], files[1], maxPixels: .max, as: .png, quality: 95))
        #expect((png.width, png.height) == (2 * width + gap, 16))

        let joined = try SideBySide.join(left, right, for: .jpeg)
        #expect(joined.planes(x: 0, y: 0, width: width, height: 16) == left.planes(x: 0, y: 0, width: width, height: 16))
        let (x, y) = isBeside ? (width + gap, 0) : (0, 16 + gap)
        #expect(joined.planes(x: x, y: y, width: width, height: 16) == right.planes(x: 0, y: 0, width: width, height: 16))
        let (gapX, gapY) = isBeside ? (width, 0) : (0, 16)
        #expect(joined.planes(x: gapX, y: gapY, width: gap, height: 16).allSatisfy { $0 == 1 })
    }

    @Test func differentSizesDoNotStandSideBySide() {
        let a = EngineTestPictures.textured(width: 64, height: 48), b = EngineTestPictures.textured(width: 64, height: 47)
        #expect { _ = try SideBySide.join(a, b) } throws: { "\($0)".contains("64x48 and 64x47") }
    }
}
