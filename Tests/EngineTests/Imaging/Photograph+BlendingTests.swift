import Foundation
import Testing
@testable import Engine

/// Pictures between two others.
@Suite(.timeLimit(.minutes(60))) struct PhotographBlendingTests {
    @Test func blendingGoesFromOneToTheOther() {
        for depth in [8, 16] {
            let before = ImagingTestPictures.photograph(width: 20, height: 16, bitDepth: depth)
            var inverted = before
            switch before.samples {
            case .eight(let values): inverted.samples = .eight(values.map { 255 - $0 })
            case .sixteen(let values): inverted.samples = .sixteen(values.map { 65535 - $0 })
            }
            func blended(_ strength: Double) -> Photograph {
                var result = inverted
                result.blend(with: before, strength: strength)
                return result
            }
            #expect(blended(1) == inverted)
            #expect(blended(0) == before)
            let middle = blended(0.5).planes(x: 0, y: 0, width: 20, height: 16)
            #expect(middle.allSatisfy { abs($0 - 0.5) < 0.003 })
            let (low, high) = (
                ImagingTestPictures.difference(blended(0.25), before).mean, ImagingTestPictures.difference(blended(0.75), before).mean
            )
            #expect(low > 0 && abs(high - 3 * low) < 0.5)
        }
    }
}
