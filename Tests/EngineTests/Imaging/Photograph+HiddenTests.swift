import Testing

@testable import Engine

/// Colours under transparency.
@Suite(.timeLimit(.minutes(60))) struct PhotographHiddenTests {
    /// A picture of which only a disc is seen.
    private func disc(bitDepth: Int, isGray: Bool = false, hidden: (Int) -> Int) -> Photograph {
        let size = 37, channels = isGray ? 1 : 3, top = bitDepth == 8 ? 255 : 65535
        func isSeen(_ pixel: Int) -> Bool {
            let x = pixel % size - 20, y = pixel / size - 14
            return x * x + y * y < 100
        }
        let values = (0..<size * size * channels).map { isSeen($0 / channels) ? top / 2 + $0 % size : hidden($0) % (top + 1) }
        let alpha = (0..<size * size).map { isSeen($0) ? top - $0 % 3 : 0 }
        let samples = bitDepth == 8 ? ImagingTestPictures.eight : ImagingTestPictures.sixteen
        return Photograph(width: size, height: size, isGray: isGray, format: .png, samples: samples(values), alpha: samples(alpha))
    }

    private func values(_ samples: Samples) -> [Int] {
        switch samples {
        case .eight(let values): values.map(Int.init)
        case .sixteen(let values): values.map(Int.init)
        }
    }

    @Test(arguments: [8, 16], [false, true]) func whatIsHiddenIsTheSameWhateverItWas(bitDepth: Int, isGray: Bool) throws {
        var black = disc(bitDepth: bitDepth, isGray: isGray) { _ in 0 }, noise = disc(bitDepth: bitDepth, isGray: isGray) { $0 &* 7919 }
        let before = values(black.samples), alpha = values(try #require(black.alpha))
        black.fillHidden()
        noise.fillHidden()
        #expect(black == noise)
        let after = values(black.samples), channels = black.channels
        let seen = before.indices.filter { alpha[$0 / channels] > 0 }.map { before[$0] }
        let least = try #require(seen.min()), most = try #require(seen.max())
        for index in after.indices {
            if alpha[index / channels] > 0 {
                #expect(after[index] == before[index])
            } else {
                #expect((least...most).contains(after[index]), "between the colours that are seen")
            }
        }
    }

    @Test func withoutHiddenPixelsNothingChanges() {
        for photograph in [
            ImagingTestPictures.photograph(width: 20, height: 20), disc(bitDepth: 8) { $0 },
        ] {
            var filled = photograph
            filled.alpha = photograph.alpha.map { alpha in .eight(values(alpha).map { UInt8(max($0, 1)) }) }
            let before = filled
            filled.fillHidden()
            #expect(filled == before)
        }
    }

    @Test func whereNothingIsSeenNothingChanges() {
        var photograph = ImagingTestPictures.photograph(width: 20, height: 20)
        photograph.alpha = .eight([UInt8](repeating: 0, count: 400))
        let before = photograph
        photograph.fillHidden()
        #expect(photograph == before)
    }
}
