import Foundation
import Testing
@testable import Engine

/// Refusals in words.
@Suite(.timeLimit(.minutes(60))) struct ImageErrorTests {
    @Test func errorsNameTheLimitTheMeasureAndTheWayOut() {
        #expect("\(ImageError.tooManyPixels(limit: 50, found: 60))".contains("60 pixels; at most 50 are accepted. Reduce it"))
        #expect("\(ImageError.tooSmall(minimumSide: 16, width: 3, height: 40))".contains("3x40 pixels; each side needs at least 16"))
        #expect("\(ImageError.corrupt(reason: "it ends early"))".contains("it ends early"))
        #expect("\(ImageError.notAnImage)".contains("JPEG nor a PNG"))
    }
}
