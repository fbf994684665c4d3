@testable import Engine
import Testing

@Suite(.timeLimit(.minutes(60))) struct PyramidTests {
    @Test func levelsAreMeansOfSquares() {
        var numbers = Numbers(seed: 41)
        let image = numbers.tensor([3, 32, 48]), levels = Pyramid.levels(of: image, scales: 3)
        #expect(levels.map(\.shape) == [[3, 32, 48], [3, 16, 24], [3, 8, 12]])
        #expect(levels[0].values == image.values)
        // Channel 1, row 1, column 2 of the smallest.
        var sum: Float = 0
        for row in 4..<8 { for column in 8..<12 { sum += image.values[(32 + row) * 48 + column] } }
        #expect(abs(levels[2].values[(8 + 1) * 12 + 2] - sum / 16) < 1e-6)
    }

    /// A coarse picture that is the picture's own changes nothing; one that is brighter by a constant moves all of it by that.
    @Test func theGuessTakesOnlyTheChange() {
        var numbers = Numbers(seed: 42)
        let image = numbers.tensor([3, 32, 48]), half = Ops.meanPool(image, by: 2)
        func difference(_ guess: Tensor, _ shift: Float) -> Float {
            zip(guess.values, image.values).reduce(0) { max($0, abs($1.0 - $1.1 - shift)) }
        }
        #expect(difference(Pyramid.guess(image, half), 0) < 1e-6)
        #expect(difference(Pyramid.guess(image, Ops.affine(half, scale: 1, shift: 0.25)), 0.25) < 1e-5)
    }
}
