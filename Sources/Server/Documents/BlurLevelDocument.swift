import Engine

/// A blur level in JSON.
struct BlurLevelDocument: Encodable, Sendable {
    let level: BlurLevel

    init(_ level: BlurLevel) {
        self.level = level
    }

    private enum Key: String, CodingKey {
        case predictedTimestep = "predicted_timestep"
        case equivalentFrames = "equivalent_frames"
        case millisecondsAt240FPS = "milliseconds_at_240_fps"
        case description
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(level.timestep, forKey: .predictedTimestep)
        try members.encode(level.equivalentFrames, forKey: .equivalentFrames)
        try members.encode(level.millisecondsAt240FPS, forKey: .millisecondsAt240FPS)
        try members.encode(level.description, forKey: .description)
    }
}
