import Testing
@testable import Engine

/// Drawing on planar colours.
@Suite(.timeLimit(.minutes(60))) struct CanvasTests {
    private let black = Canvas(planes: [Float](repeating: 0, count: 3 * 20 * 30), width: 30, height: 20)

    private func red(_ canvas: Canvas, _ x: Int, _ y: Int) -> Float { canvas.planes[y * 30 + x] }

    @Test func coverMixesTheColourIn() {
        var canvas = black
        canvas.blend(4, 5, SIMD3(1, 0.5, 0.25), cover: 0.5)
        let mixed = (0..<3).map { channel in canvas.planes[(channel * 20 + 5) * 30 + 4] }
        #expect(mixed == [0.5, 0.25, 0.125])
        #expect(canvas.planes.count { $0 != 0 } == 3)
    }

    @Test func aBoxIsCutAtTheEdges() {
        var canvas = black
        canvas.fill(Canvas.Box(x: -5..<2, y: 18..<40), SIMD3(1, 1, 1))
        #expect(canvas.planes.count { $0 == 1 } == 3 * 2 * 2)
    }

    /// Round, in the middle of its box, with a smooth edge, and nothing outside the box.
    @Test func aDotIsADisc() {
        var canvas = black
        canvas.dot(in: Canvas.Box(x: 10..<20, y: 5..<15), radius: 3, colour: SIMD3(1, 1, 1))
        #expect(red(canvas, 15, 10) == 1 && red(canvas, 14, 9) == 1 && red(canvas, 10, 5) == 0)
        for (x, y) in [(12, 10), (17, 10), (15, 7), (15, 12)] { #expect(red(canvas, x, y) > 0, "\(x) \(y)") }
        #expect(red(canvas, 12, 7) == red(canvas, 17, 12) && red(canvas, 12, 7) < 1)
        let area = (0..<20).reduce(Float(0)) { sum, y in (0..<30).reduce(sum) { $0 + red(canvas, $1, y) } }
        #expect(abs(area - 9 * .pi) < 3, "\(area)")
    }
}
