/// How blurred a photograph is: the timestep at which the network places it.
///
/// A picture averaged over n frames of a 240-fps recording stands at t = (n - 1) * 20 (section 3 of the paper).
public struct BlurLevel: Sendable, Codable, Equatable {
    /// The paper's t, 0 ..< 1000; the network was trained on sharp pictures and on 80...280.
    public let timestep: Int

    /// The blur level of a timestep in 0 ..< 1000.
    public init(timestep: Int) {
        self.timestep = timestep
    }

    /// The number n of averaged frames that would blur as much: t / 20 + 1.
    public var equivalentFrames: Double { Double(timestep) / 20 + 1 }

    /// How long that many frames last at 240 a second, in milliseconds.
    public var millisecondsAt240FPS: Double { equivalentFrames / 240 * 1000 }

    /// A word for people. T's scale begins at 37, which is what a sharp picture reads: the first border lies midway to the 5 frames that
    /// the paper trains on, the others between its frame counts, at 6, 9.5 and 13 frames.
    public var description: String {
        switch timestep {
        case ..<60: "sharp"
        case ..<100: "slight"
        case ..<170: "moderate"
        case ..<240: "strong"
        default: "severe"
        }
    }
}
