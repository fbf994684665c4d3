import Foundation
import Testing
@testable import Engine

/// The colour of a distance.
@Suite(.timeLimit(.minutes(60))) struct MotionColourTests {
    @Test func theColourSaysHowFar() {
        let near = MotionColour.of(extent: 2), middle = MotionColour.of(extent: 9), far = MotionColour.of(extent: 200)
        #expect(near.z > near.x && middle.x > middle.z && far.x > far.y)
        #expect(MotionColour.of(extent: 16.5) == (middle + far) / 2)
        for extent in stride(from: 0.0, to: 40, by: 0.5) { #expect(MotionColour.of(extent: extent).max() >= 0.8) }
    }
}
