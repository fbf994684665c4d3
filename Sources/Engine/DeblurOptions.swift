/// How a photograph is to be deblurred.
public struct DeblurOptions: Sendable, Equatable {
    /// The timestep to deblur at, 0 ..< 1000 (others become the nearest of these); nil leaves it to the network.
    public var timestep: Int?
    /// The format of the result; nil keeps the photograph's.
    public var format: ImageFormat?
    /// The quality of a JPEG that is written, 1...100.
    public var quality: Int
    /// How much of the change is made: 0 leaves the picture as it is and does not ask the network, 1 makes all of it.
    public var strength: Double
    /// What of the photograph's metadata goes into the result.
    public var metadata: MetadataPolicy
    /// Pixels: the picture is reduced to this width before anything else is done with it; nil leaves its size.
    public var previewWidth: Int?
    /// Pixels: the widths of a preview that the interface and the command line take.
    public static let previewWidths = 16...8192

    /// Everything is left to the network and the input unless said here; parameters as the properties.
    public init(
        timestep: Int? = nil, format: ImageFormat? = nil, quality: Int = 95, strength: Double = 1, metadata: MetadataPolicy = .keep,
        previewWidth: Int? = nil
    ) {
        (self.timestep, self.format, self.quality) = (timestep, format, quality)
        (self.strength, self.metadata, self.previewWidth) = (strength, metadata, previewWidth)
    }

    /// Whether what comes out for a picture can be written, which is known before the work.
    /// - Throws: `ImageError.sideTooLong`
    public func requireWritable(_ info: ImageInfo) throws {
        let size = outputSize(width: info.width, height: info.height)
        try (format ?? info.format).require(width: size.width, height: size.height)
    }

    /// Pixels of the picture that comes out for one of this size.
    public func outputSize(width: Int, height: Int) -> (width: Int, height: Int) {
        previewWidth.map { Photograph.reducedSize(width: width, height: height, toWidth: $0) } ?? (width, height)
    }
}
