import Foundation
import Testing
@testable import Engine

/// The bar that says the scale.
@Suite(.timeLimit(.minutes(60))) struct MotionCaptionTests {
    @Test(arguments: [
        (2.0, 1.5, 32.0, 10, "10px ×1.5"), (6, 6, 80, 10, "10px ×6"), (0.25, 0.25, 60, 200, "200px ×0.25"), (50, 6, 20, 1, "1px ×6"),
    ])
    func theCaptionSaysTheScale(pixel: Double, scale: Double, cell: Double, length: Int, text: String) {
        let caption = MotionCaption(pixel: pixel, scale: scale, cell: cell)
        #expect(caption.length == length && caption.text == text)
    }
}
