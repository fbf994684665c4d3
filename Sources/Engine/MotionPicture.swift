import Foundation

/// The motion in a photograph, drawn over it.
public struct MotionPicture: Sendable, Equatable {
    /// The drawing as a PNG file's bytes.
    public let data: Data
    /// How many times longer a motion is drawn than it is in the photograph below.
    public let scale: Double

    /// Puts a drawing together, for engines that stand in for this one; parameters as the properties.
    public init(data: Data, scale: Double) {
        (self.data, self.scale) = (data, scale)
    }

    /// The scale without a fraction that says nothing, for instance 2 or 1.5.
    public var scaleText: String { MotionCaption.text(scale) }
}
