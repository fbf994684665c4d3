import Foundation

/// Everything that a file says about its picture outside the compressed pixels.
struct PictureHeader {
    let info: ImageInfo
    /// The size of the stored picture, before the orientation is applied.
    let storedWidth: Int
    let storedHeight: Int
    let exif: Exif?
    /// The profile of a JPEG. That of a PNG is compressed, and comes from the codec.
    let icc: Data?
    let jpegQuality: Int?
    var orientation: Orientation { exif?.orientation ?? .up }

    init(
        format: ImageFormat, storedWidth: Int, storedHeight: Int, bitDepth: Int, isGray: Bool, hasAlpha: Bool, exif: Exif?,
        icc: Data? = nil, jpegQuality: Int? = nil
    ) {
        self.storedWidth = storedWidth
        self.storedHeight = storedHeight
        self.exif = exif
        self.icc = icc
        self.jpegQuality = jpegQuality
        let upright = (exif?.orientation ?? .up).uprightSize(width: storedWidth, height: storedHeight)
        info = ImageInfo(
            format: format, width: upright.width, height: upright.height, bitDepth: bitDepth, isGray: isGray, hasAlpha: hasAlpha)
    }

    /// Throws `ImageError`; bytes that begin as neither a JPEG nor a PNG are `.notAnImage`.
    static func parse(_ data: Data) throws -> PictureHeader {
        let view = ByteView(data)
        if view.starts(with: PNGHeader.signature) { return try PNGHeader.parse(view) }
        if view.starts(with: JPEGHeader.signature) { return try JPEGHeader.parse(view) }
        throw ImageError.notAnImage
    }
}
