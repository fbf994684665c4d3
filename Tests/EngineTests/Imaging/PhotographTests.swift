import Foundation
import Testing

@testable import Engine

@Suite(.timeLimit(.minutes(60))) struct PhotographTests {
    private func gray(_ width: Int, _ height: Int, _ samples: [UInt8]) -> Photograph {
        Photograph(width: width, height: height, isGray: true, format: .png, samples: .eight(samples))
    }

    @Test func planesArePlanarRGB() {
        let photograph = Photograph(
            width: 2, height: 1, isGray: false, format: .png, samples: .sixteen([0, 65535, 13107, 26214, 39321, 52428]))
        #expect(photograph.planes(x: 0, y: 0, width: 2, height: 1) == [0, 0.4, 1, 0.6, 0.2, 0.8])
    }

    @Test func outsideIsMirroredAndFoldedForAnySize() {
        let photograph = gray(3, 1, [0, 51, 102])
        let row = photograph.planes(x: -7, y: 0, width: 17, height: 1).prefix(17).map { Int(($0 * 5).rounded()) }
        #expect(row == [0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2])
        let column = gray(1, 2, [0, 255]).planes(x: 100, y: -3, width: 1, height: 8).prefix(8)
        #expect(Array(column) == [1, 1, 0, 0, 1, 1, 0, 0])
    }

    @Test func grayIsRepeatedAndPutBackAsTheMean() {
        var photograph = gray(2, 1, [10, 200])
        let planes = photograph.planes(x: 0, y: 0, width: 2, height: 1)
        #expect(planes == [10, 200, 10, 200, 10, 200].map { Float($0) * (1 / 255) })
        photograph.setPlanes([0.2, 1, 0.4, 0, 0.6, 0.5], x: 0, y: 0, width: 2, height: 1)
        #expect(photograph.samples == .eight([102, 128]))
    }

    @Test(arguments: [8, 16], [false, true]) func planesPutBackChangeNothing(bitDepth: Int, isGray: Bool) {
        let photograph = ImagingTestPictures.photograph(width: 29, height: 17, isGray: isGray, bitDepth: bitDepth, hasAlpha: true)
        let parts = [(0, 0, 29, 17), (5, 3, 10, 9), (-6, -4, 50, 40), (28, 16, 9, 9), (40, 2, 5, 5), (-9, 0, 4, 4), (3, 90, 2, 2)]
        for (x, y, width, height) in parts {
            var copy = photograph
            copy.setPlanes(photograph.planes(x: x, y: y, width: width, height: height), x: x, y: y, width: width, height: height)
            #expect(copy == photograph, "\(x) \(y) \(width) \(height)")
        }
    }

    @Test func onlyTheNamedPartIsSet() {
        var photograph = Photograph(width: 4, height: 3, isGray: false, format: .png, samples: .eight([UInt8](repeating: 7, count: 36)))
        // A 3x2 part whose left column and top row stick out: one row of two pixels is left.
        let part = (0..<18).map { Float($0) / 255 }
        photograph.setPlanes(part, x: -1, y: -1, width: 3, height: 2)
        var expected = [UInt8](repeating: 7, count: 36)
        expected.replaceSubrange(0..<6, with: [4, 10, 16, 5, 11, 17])
        #expect(photograph.samples == .eight(expected))
    }

    @Test func valuesAreClampedAndRounded() {
        var photograph = gray(8, 1, [UInt8](repeating: 9, count: 8))
        let values: [Float] = [-1, 2, .nan, .infinity, -.infinity, 0.4999 / 255, 0.5001 / 255, 254.6 / 255]
        photograph.setPlanes(values + values + values, x: 0, y: 0, width: 8, height: 1)
        #expect(photograph.samples == .eight([0, 255, 0, 255, 0, 0, 1, 255]))
    }

    @Test func copiesStayAsTheyAre() {
        let original = gray(2, 1, [1, 2])
        var copy = original
        copy.setPlanes([Float](repeating: 1, count: 6), x: 0, y: 0, width: 2, height: 1)
        #expect(original.samples == .eight([1, 2]))
        #expect(copy.samples == .eight([255, 255]))
    }
}
