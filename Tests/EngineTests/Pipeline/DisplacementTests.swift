import Foundation
import Testing

@testable import Engine

/// How far a restoration moved a picture.
@Suite(.timeLimit(.minutes(60))) struct DisplacementTests {
    /// Waves along x of a given length, moved by so many pixels; at other brightness in each channel.
    private static func waves(
        width: Int, height: Int, length: Double = 40, moved: Double = 0, where isMoved: (Int, Int) -> Bool = { _, _ in true }
    ) -> Tensor {
        var image = Tensor(zeros: [3, height, width])
        for channel in 0..<3 {
            for y in 0..<height {
                for x in 0..<width {
                    let phase = 2 * Double.pi * (Double(x) - (isMoved(x, y) ? moved : 0)) / length
                    image.values[(channel * height + y) * width + x] = Float(0.2 + 0.2 * Double(channel) + 0.15 * sin(phase))
                }
            }
        }
        return image
    }

    @Test(arguments: [[16, 16], [17, 40], [700, 600]]) func whatStaysIsNotMoved(size: [Int]) {
        let image = Self.waves(width: size[0], height: size[1])
        #expect(Displacement.greatest(from: image, to: image) == 0)
        let flat = Tensor(shape: [3, 16, 16], values: [Float](repeating: 0.5, count: 768))
        #expect(Displacement.greatest(from: flat, to: flat) == 0)
    }

    @Test(arguments: [0.03, 0.1, 0.5, 1]) func isThePixelsOfAMotionAcrossTheEdges(pixels: Double) {
        let image = Self.waves(width: 200, height: 100), moved = Self.waves(width: 200, height: 100, moved: pixels)
        #expect(abs(Displacement.greatest(from: image, to: moved) - pixels) < 0.02 * pixels)
    }

    /// Of a picture of eight cells one moves: as far as if it were the whole picture.
    @Test func whatMovesIsSeenInALargePicture() {
        let width = 2080, height = 1040, cell = width / 4
        let image = Self.waves(width: width, height: height)
        let moved = Self.waves(width: width, height: height, moved: 0.3) { x, y in x >= 2 * cell && x < 3 * cell && y >= height / 2 }
        #expect(abs(Displacement.greatest(from: image, to: moved) - 0.3) < 0.006)
    }

    /// Against the definition, written out.
    @Test(arguments: [[16, 16], [90, 33], [1030, 520]]) func isWhatItsDefinitionSays(size: [Int]) {
        let width = size[0], height = size[1], cells = max(width / Displacement.cell, 1)
        let before = EngineTestPictures.textured(width: width, height: height).planes(x: 0, y: 0, width: width, height: height)
        let after = EngineTestPictures.smooth(width: width, height: height).planes(x: 0, y: 0, width: width, height: height)
        var greatest = (change: 0.0, gradient: 0.0)
        for cell in 0..<cells {
            let columns = (cell * width / cells)..<((cell + 1) * width / cells)
            var change: [Double] = [], across: [Double] = [], down: [Double] = []
            for channel in 0..<3 {
                for y in 0..<height {
                    for x in columns {
                        func value(_ picture: [Float], _ x: Int, _ y: Int) -> Double { Double(picture[(channel * height + y) * width + x]) }
                        change.append(pow(value(after, x, y) - value(before, x, y), 2))
                        if x + 1 < columns.upperBound { across.append(pow(value(after, x + 1, y) - value(after, x, y), 2)) }
                        if y + 1 < height { down.append(pow(value(after, x, y + 1) - value(after, x, y), 2)) }
                    }
                }
            }
            func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
            if mean(change) > greatest.change { greatest = (mean(change), mean(across) + mean(down)) }
        }
        let expected = (greatest.change / greatest.gradient).squareRoot(), shape = [3, height, width]
        let found = Displacement.greatest(from: Tensor(shape: shape, values: before), to: Tensor(shape: shape, values: after))
        #expect(abs(found - expected) < 1e-3 * expected, "\(found), not \(expected)")
    }
}
