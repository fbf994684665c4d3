import Testing

@testable import Engine

@Suite(.timeLimit(.minutes(60))) struct PhotographFlatTests {
    private func photograph(bitDepth: Int, isGray: Bool, _ value: (_ x: Int, _ y: Int, _ channel: Int) -> Int) -> Photograph {
        let values = ImagingTestPictures.interleaved(40, 30, channels: isGray ? 1 : 3, value)
        return Photograph(
            width: 40, height: 30, isGray: isGray, format: .png,
            samples: bitDepth == 8 ? ImagingTestPictures.eight(values) : ImagingTestPictures.sixteen(values))
    }

    @Test(arguments: [(8, 1), (16, 257)], [true, false]) func flatIsWhatRisesByNoMoreThanAStep(depth: (bits: Int, step: Int), isGray: Bool)
    {
        let (bits, step) = depth
        func isFlat(_ value: (Int, Int, Int) -> Int) -> Bool { photograph(bitDepth: bits, isGray: isGray, value).isFlat }
        #expect(isFlat { _, _, _ in 0 })
        #expect(isFlat { _, _, channel in 80 * channel * step })
        #expect(isFlat { x, y, _ in (x + y) * step })
        #expect(!isFlat { x, y, _ in 2 * x * step })
        #expect(!isFlat { x, y, _ in 2 * y * step })
    }

    /// The last sample of the last row, and each of the others.
    @Test func oneSampleIsEnoughNotToBeFlat() {
        for (x, y) in [(0, 0), (39, 0), (0, 29), (39, 29), (17, 11)] {
            for channel in 0..<3 {
                #expect(!photograph(bitDepth: 8, isGray: false) { $0 == x && $1 == y && $2 == channel ? 12 : 10 }.isFlat)
            }
        }
        let wide = Photograph(width: 40, height: 30, isGray: true, format: .png, samples: .sixteen((0..<1200).map { $0 == 1199 ? 258 : 0 }))
        #expect(!wide.isFlat)
    }
}
