import Foundation

/// A deblurred photograph, encoded.
public struct DeblurredPicture: Sendable {
    /// The result as a file's bytes.
    public let data: Data
    /// The format of `data`.
    public let format: ImageFormat
    /// The result's size in pixels, as it stands upright.
    public let width, height: Int
    /// The network's, 0 ..< 1000, even when the options said otherwise.
    public let predictedTimestep: Int
    /// The one that the diffusion step was made at: the options', else the predicted one. 0 ..< 1000
    public let usedTimestep: Int
    /// The network found no motion in the photograph, and nothing was done to it.
    public let isUnchanged: Bool
    /// The re-blur certificate: peak signal-to-noise ratio in dB, at most 100, of this picture blurred again with the kernels that M sees
    /// in the photograph, against the photograph; in linear light. A low value: the picture does not explain the photograph.
    public let reblurPSNR: Double
    /// The seconds that each stage took.
    public let seconds: StageSeconds

    /// Puts a result together, for engines that stand in for this one; parameters as the properties.
    public init(
        data: Data, format: ImageFormat, width: Int, height: Int, predictedTimestep: Int, usedTimestep: Int, isUnchanged: Bool,
        reblurPSNR: Double,
        seconds: StageSeconds
    ) {
        (self.data, self.format, self.width, self.height) = (data, format, width, height)
        (self.predictedTimestep, self.usedTimestep, self.isUnchanged) = (predictedTimestep, usedTimestep, isUnchanged)
        (self.reblurPSNR, self.seconds) = (reblurPSNR, seconds)
    }
}
