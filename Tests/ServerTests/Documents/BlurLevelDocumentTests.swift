import Engine
import Testing
@testable import Server

/// A blur level in JSON.
@Suite(.timeLimit(.minutes(60))) struct BlurLevelDocumentTests {
    @Test func hasFramesTimeAndWord() throws {
        #expect(
            try String(decoding: JSON.encode(BlurLevelDocument(BlurLevel(timestep: 100))), as: UTF8.self)
                == #"{"description":"moderate","equivalent_frames":6,"milliseconds_at_240_fps":25,"predicted_timestep":100}"#)
    }
}
