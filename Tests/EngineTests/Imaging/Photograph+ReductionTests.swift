import Foundation
import Testing

@testable import Engine

/// Smaller pictures, and pictures between two others.
@Suite(.timeLimit(.minutes(60))) struct PhotographReductionTests {
    @Test(arguments: [
        (100, 50, 40, 40, 20), (100, 50, 100, 100, 50), (100, 50, 400, 100, 50), (100, 50, 33, 33, 17),
        (100, 50, 16, 32, 16), (1000, 20, 16, 800, 16), (20, 1000, 16, 16, 800), (16, 16, 16, 16, 16),
    ])
    func sizes(width: Int, height: Int, wanted: Int, reducedWidth: Int, reducedHeight: Int) {
        let size = Photograph.reducedSize(width: width, height: height, toWidth: wanted)
        #expect(size == (reducedWidth, reducedHeight))
        #expect(DeblurOptions(previewWidth: wanted).outputSize(width: width, height: height) == (reducedWidth, reducedHeight))
        #expect(DeblurOptions().outputSize(width: width, height: height) == (width, height))
    }

    @Test func wholePixelsAreMeans() {
        let photograph = ImagingTestPictures.photograph(width: 64, height: 32, bitDepth: 16, hasAlpha: true)
        let half = photograph.reduced(toWidth: 32)
        #expect((half.width, half.height, half.bitDepth, half.channels) == (32, 16, 16, 3))
        guard case .sixteen(let old) = photograph.samples, case .sixteen(let new) = half.samples,
            case .sixteen(let oldAlpha)? = photograph.alpha, case .sixteen(let newAlpha)? = half.alpha
        else { Issue.record("another depth"); return }
        for y in 0..<16 {
            for x in 0..<32 {
                func mean(_ value: (Int) -> UInt16) -> Double {
                    [(0, 0), (1, 0), (0, 1), (1, 1)].reduce(0) { $0 + Double(value((2 * y + $1.1) * 64 + 2 * x + $1.0)) } / 4
                }
                for channel in 0..<3 { #expect(abs(Double(new[(y * 32 + x) * 3 + channel]) - mean { old[$0 * 3 + channel] }) <= 1) }
                #expect(abs(Double(newAlpha[y * 32 + x]) - mean { oldAlpha[$0] }) <= 1)
            }
        }
    }

    /// Against the sum over all pixels, each with the area that it shares.
    @Test(arguments: [(50, 40, 37), (61, 33, 20), (17, 90, 16)]) func oddSizesWeighByArea(width: Int, height: Int, wanted: Int) {
        let photograph = ImagingTestPictures.photograph(width: width, height: height, isGray: true)
        let reduced = photograph.reduced(toWidth: wanted)
        guard case .eight(let old) = photograph.samples, case .eight(let new) = reduced.samples else {
            Issue.record("another depth"); return
        }
        func shared(_ index: Int, _ part: Int, _ scale: Double) -> Double {
            max(0, min(Double(index) + 1, Double(part + 1) * scale) - max(Double(index), Double(part) * scale))
        }
        let (sx, sy) = (Double(width) / Double(reduced.width), Double(height) / Double(reduced.height))
        for y in 0..<reduced.height {
            for x in 0..<reduced.width {
                var sum = 0.0
                for v in 0..<height { for u in 0..<width { sum += shared(u, x, sx) * shared(v, y, sy) * Double(old[v * width + u]) } }
                #expect(abs(Double(new[y * reduced.width + x]) - sum / (sx * sy)) <= 1)
            }
        }
    }

    @Test func fullWhiteStaysFullWhite() {
        let white = Photograph(width: 50, height: 30, isGray: false, format: .png, samples: .eight([UInt8](repeating: 255, count: 4500)))
        guard case .eight(let values) = white.reduced(toWidth: 23).samples else { Issue.record("another depth"); return }
        #expect(values.allSatisfy { $0 == 255 })
    }

    @Test func nothingToReduceGivesTheSame() {
        let photograph = ImagingTestPictures.photograph(width: 40, height: 40)
        #expect(photograph.reduced(toWidth: 40) == photograph)
        #expect(photograph.reduced(toWidth: 1000) == photograph)
    }
}
