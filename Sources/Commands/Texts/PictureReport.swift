import Engine
import Foundation

/// What the command line says about one picture, to a person or to a program.
package struct PictureReport: Encodable, Sendable {
    /// Where the motion was drawn, and how many times longer than it is.
    package struct Motion: Sendable {
        package let path: String
        package let scale: Double

        package init(path: String, scale: Double) {
            self.path = path
            self.scale = scale
        }
    }

    package let input: String
    /// The path of the result; nil when nothing was written.
    package let output: String?
    /// Before and after side by side; nil, and absent from the JSON, when it was not asked for.
    package var comparison: String?
    /// The drawing of the motion; nil, and absent from the JSON, when it was not asked for.
    package var motion: Motion?
    package let width: Int
    package let height: Int
    /// Nil, and absent from the JSON, where the network was not asked.
    package let level: BlurLevel?
    /// Both nil, and absent from the JSON, where nothing was deblurred.
    package var isUnchanged: Bool?
    package var reblurPSNR: Double?
    package let seconds: Double

    package init(
        input: String, output: String?, comparison: String? = nil, motion: Motion? = nil, width: Int, height: Int, level: BlurLevel?,
        isUnchanged: Bool? = nil, reblurPSNR: Double? = nil, seconds: Double
    ) {
        self.input = input
        self.output = output
        self.comparison = comparison
        self.motion = motion
        self.width = width
        self.height = height
        self.level = level
        self.isUnchanged = isUnchanged
        self.reblurPSNR = reblurPSNR
        self.seconds = seconds
    }

    private enum Key: String, CodingKey {
        case input, output, comparison, kernels, width, height, seconds, description, unchanged
        case reblurPSNR = "reblur_psnr"
        case predictedTimestep = "predicted_timestep"
        case kernelsScale = "kernels_scale"
        case equivalentFrames = "equivalent_frames"
        case millisecondsAt240FPS = "milliseconds_at_240_fps"
    }

    package func line(json: Bool) throws -> String {
        guard json else { return text }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(input, forKey: .input)
        try members.encode(output, forKey: .output)
        try members.encodeIfPresent(comparison, forKey: .comparison)
        try members.encodeIfPresent(motion?.path, forKey: .kernels)
        try members.encodeIfPresent(motion?.scale, forKey: .kernelsScale)
        try members.encode(width, forKey: .width)
        try members.encode(height, forKey: .height)
        try members.encodeIfPresent(level?.timestep, forKey: .predictedTimestep)
        try members.encodeIfPresent(level?.equivalentFrames, forKey: .equivalentFrames)
        try members.encodeIfPresent(level?.millisecondsAt240FPS, forKey: .millisecondsAt240FPS)
        try members.encodeIfPresent(level?.description, forKey: .description)
        try members.encodeIfPresent(isUnchanged, forKey: .unchanged)
        try members.encodeIfPresent(reblurPSNR.map { ($0 * 100).rounded() / 100 }, forKey: .reblurPSNR)
        try members.encode((seconds * 1000).rounded() / 1000, forKey: .seconds)
    }

    private var text: String {
        let place = output.map { "\(input) -> \($0)" } ?? input
        let blur = level.map(words) ?? ""
        let change = isUnchanged == true ? ", left as it is" : ""
        let certificate = reblurPSNR.map { ", explains the input at \(rounded($0)) dB" } ?? ""
        return "\(place): \(width)x\(height)\(blur)\(change)\(certificate), done in \(rounded(seconds)) s"
    }

    private func words(for level: BlurLevel) -> String {
        let milliseconds = Int(level.millisecondsAt240FPS.rounded())
        return
            ", blur \(level.description), timestep \(level.timestep) (\(rounded(level.equivalentFrames)) frames at 240/s, \(milliseconds) ms)"
    }

    private func rounded(_ value: Double) -> String {
        String(format: "%.1f", value)
    }
}
