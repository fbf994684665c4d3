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

    @Test func differentSizesDoNotStandSideBySide() {
        let a = EngineTestPictures.textured(width: 64, height: 48), b = EngineTestPictures.textured(width: 64, height: 47)
        #expect { _ = try SideBySide.join(a, b) } throws: { "\($0)".contains("64x48 and 64x47") }
    }
}
