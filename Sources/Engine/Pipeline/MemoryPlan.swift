import Foundation

/// The memory that one picture takes at the peak, by what it is for: known before anything is allocated.
///
/// Of the network's parts only one is at work at a time, so the largest counts; a picture in tiles has one tile there. Bytes.
package struct MemoryPlan: Sendable, Equatable {
    /// Bytes of the program itself and its libraries.
    package static let program = 48 << 20

    /// Those of large files count where they are held in memory.
    package let weights: Int
    /// The photograph, its result, and both encoded.
    package let photograph: Int
    /// What tiles are put together in; 0 for a picture of one piece.
    package let strip: Int
    /// What M tells F of every tile, kept until the tile's turn; 0 for a picture of one piece.
    package let kernels: Int
    /// The layers' values at the peak of the largest part ...
    package let layers: Int
    /// ... which is this one: `kernel_estimator`, `vae`, `controlnet` or `unet`.
    package let largest: String
    /// What the cores lay out for themselves, and what the heap loses between arrays.
    package let scratch: Int

    /// Bytes of a process that works on one picture.
    package var total: Int { Self.program + weights + picture }
    /// Bytes that each further picture takes at the same time.
    package var picture: Int { photograph + strip + kernels + layers + scratch }

    /// - Parameters:
    ///   - weights: as above; `picture` does not depend on them
    ///   - width, height: of the picture that is worked on
    ///   - decodedPixels: of the photograph, where that is a preview of it
    ///   - bytesPerPixel: of the decoded photograph
    init(_ network: FideDiff, weights: Int = 0, width: Int, height: Int, decodedPixels: Int? = nil, bytesPerPixel: Int = 3) {
        let config = network.config, float = MemoryLayout<Float>.stride
        let tiling = Tiling(of: config, pictureWidth: width, pictureHeight: height)
        let pixels = tiling.columns.size * tiling.rows.size
        let enlarged = pixels * config.enlarge * config.enlarge
        let latent = enlarged / (config.vae.factor * config.vae.factor)
        let parts = [
            ("kernel_estimator", network.kernelEstimator.memory(pixels)),
            ("vae", network.autoencoder.memory(enlarged)),
            ("controlnet", network.control.map { $0.net.memory(latent) } ?? 0),
            ("unet", network.unet.memory(latent, controlled: network.control != nil)),
        ]
        let largest = parts.max { $0.1 < $1.1 } ?? ("unet", 0)
        let kernelInput =
            (0..<config.scales).reduce(0) { $0 + (network.control?.filter.inputCount(latent >> (2 * $1)) ?? 0) } * config.views
        // Beside it lie the piece of the picture, turned and the views' sum where there are several, the latent and what the kernels tell
        // the ControlNet.
        // With several scales, also the guess, turned, and the change that U is given beside the latent.
        let beside =
            3 * pixels * ((config.views > 1 ? 3 : 1) + (config.scales > 1 ? 2 : 0)) + config.vae.latentChannels * latent
            * (config.scales > 1 ? 4 : 2)
            + max(config.unet.blockOutChannels[0] * latent, kernelInput)
        self.weights = weights
        self.largest = largest.0
        photograph = (decodedPixels ?? width * height) * bytesPerPixel * 3
        strip = tiling.isWhole ? 0 : 3 * tiling.rows.size * tiling.columns.length * float
        kernels = tiling.isWhole ? 0 : tiling.tiles.count * kernelInput * MemoryLayout<Float16>.stride
        layers = (largest.1 + beside) * float
        scratch = Self.scratchPerCore * ProcessInfo.processInfo.activeProcessorCount + layers / 8
    }

    /// What a model's weights take: as float32, and large files as they are stored where they are held.
    struct Weights {
        let bytes: Int
        /// Whether there are large files, and they are held.
        let areHeld: Bool

        /// - Parameters:
        ///   - held: nil: where they take at most half of the memory
        ///   - memory: bytes that the process may take
        init(of folder: ModelFolder, held: Bool?, memory: Int) {
            let large = folder.largeBytes(folder.heldParts)
            areHeld = large > 0 && (held ?? (large <= memory / 2))
            bytes = folder.floatBytes + (areHeld ? large : 0)
        }
    }

    private static let scratchPerCore = 16 << 20
}
