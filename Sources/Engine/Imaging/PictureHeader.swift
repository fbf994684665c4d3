import Foundation

/// Everything that a file says about its picture outside the compressed pixels.
struct PictureHeader {
    let info: ImageInfo
    /// The size of the stored picture, before the orientation is applied.
    let storedWidth: Int
    let storedHeight: Int
    let exif: Exif?
    /// But for the Exif, and the profile of a PNG, which is compressed and comes from the codec.
    let metadata: PhotographMetadata
    var orientation: Orientation { exif?.orientation ?? .up }

    init(
        format: ImageFormat, storedWidth: Int, storedHeight: Int, bitDepth: Int, isGray: Bool, hasAlpha: Bool, exif: Exif?,
        metadata: PhotographMetadata = PhotographMetadata()
    ) {
        self.storedWidth = storedWidth
        self.storedHeight = storedHeight
        self.exif = exif
        self.metadata = metadata
        let upright = (exif?.orientation ?? .up).uprightSize(width: storedWidth, height: storedHeight)
        info = ImageInfo(
            format: format, width: upright.width, height: upright.height, bitDepth: bitDepth, isGray: isGray, hasAlpha: hasAlpha)
    }

    /// Throws `ImageError`; bytes that begin as neither a JPEG nor a PNG are `.notAnImage`.
    static func parse(_ data: Data) throws -> PictureHeader {
        let view = ByteView(data)
        return switch try ImageFormat(firstBytes: data) {
        case .png: try PNGHeader.parse(view)
        case .jpeg: try JPEGHeader.parse(view)
        }
    }
}
