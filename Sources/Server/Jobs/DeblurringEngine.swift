import Engine
import Foundation

/// What the service needs of the engine, so that a test can put a fast one in its place.
///
/// Turns the bytes of a blurred photograph into the bytes of a sharper one. Calls come from several threads at once.
/// Errors: `ImageError`, `DeblurError`, and whatever the callbacks throw.
public protocol DeblurringEngine: Sendable {
    var modelName: String { get }
    /// Short hexadecimal digest of the configuration and the weights.
    var modelHash: String { get }
    /// How often the network runs over a picture; time grows with it.
    var views: Int { get }

    /// - Throws: `ImageError.tooMuchMemory` for a picture that does not fit, with these options, into the memory that there is for one
    func requireMemory(for info: ImageInfo, options: DeblurOptions) throws

    /// The blur level that `deblur` would predict, mostly without the diffusion pass.
    func blurLevel(of data: Data) throws -> BlurLevel

    /// - Parameters:
    ///   - onTimestep: called once with the prediction: before the diffusion pass, or after it where that decides whether the picture is
    ///     sharp.
    ///   - onProgress: 0...1, after each tile; throwing from it stops the work.
    func deblur(
        _ data: Data, options: DeblurOptions, onTimestep: (Int) -> Void, onProgress: (Double) throws -> Void
    ) throws -> DeblurredPicture

    /// The motion that M sees, drawn over the photograph.
    /// - Parameter across: places that show it, along the longer side; of `Deblurrer.motionPlaces`
    func motionPicture(of data: Data, across: Int) throws -> MotionPicture
}

extension DeblurringEngine {
    public var views: Int { 1 }
}

extension Deblurrer: DeblurringEngine {}
