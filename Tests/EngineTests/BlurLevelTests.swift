@testable import Engine
import Foundation
import LoopReference
import Testing

/// The blur level in frames, time and words.
@Suite(.timeLimit(.minutes(60))) struct BlurLevelTests {
    @Test func blurLevelsSpeakOfFrames() {
        let level = BlurLevel(timestep: 80)
        #expect(level.equivalentFrames == 5)
        #expect(abs(level.millisecondsAt240FPS - 20.8333) < 1e-3)
        #expect(
            [0, 59, 60, 99, 100, 169, 170, 239, 240, 999].map { BlurLevel(timestep: $0).description }
                == ["sharp", "sharp", "slight", "slight", "moderate", "moderate", "strong", "strong", "severe", "severe"])
    }
}
