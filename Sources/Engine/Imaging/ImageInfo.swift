import Foundation

/// What a picture's headers say. Width and height are as shown, that is after the Exif orientation.
public struct ImageInfo: Sendable, Equatable {
    /// The smallest side that the model can work on, in pixels.
    public static let minimumSide = 16
    /// What is accepted where nobody says otherwise.
    public static let defaultMaxPixels = 50_000_000

    /// The format by the file's first bytes, whatever a name says.
    public let format: ImageFormat
    /// The size in pixels, as the photograph stands upright.
    public let width: Int
    /// The size in pixels, as the photograph stands upright.
    public let height: Int
    /// Bits of one stored sample: 1, 2, 4, 8 or 16. A palette's entries have 8.
    public let bitDepth: Int
    /// One channel of light, beside a possible alpha channel.
    public let isGray: Bool
    /// An alpha channel, or a transparent colour or palette entry.
    public let hasAlpha: Bool

    /// Throws `ImageError.tooManyPixels` or `.tooSmall` for a picture that is not to be decoded.
    public func requireSize(maxPixels: Int) throws {
        let pixels = width * height  // both below 2^31, so this fits
        guard pixels <= maxPixels else { throw ImageError.tooManyPixels(limit: maxPixels, found: pixels) }
        guard min(width, height) >= Self.minimumSide else {
            throw ImageError.tooSmall(minimumSide: Self.minimumSide, width: width, height: height)
        }
    }
}

extension ImageInfo {
    /// Reads the headers of a picture without decoding it and without any codec, at a cost that does not grow with its pixels.
    /// - Parameter data: a JPEG or PNG, or the beginning of one if it reaches as far as the frame header (JPEG) or the first 33 bytes
    ///   (PNG). What lies behind the end of such a beginning is taken as absent: transparency, a late orientation.
    /// - Throws: `ImageError`: `.notAnImage` for other formats, `.corrupt`, `.unsupported`. Sizes are judged by `requireSize(maxPixels:)`
    ///   alone.
    public init(of data: Data) throws {
        self = try PictureHeader.parse(data).info
    }
}
