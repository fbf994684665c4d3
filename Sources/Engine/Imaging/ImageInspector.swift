import Foundation

/// Tells what a picture is without decoding it and without any codec, at a cost that does not grow with its pixels.
public enum ImageInspector {
    /// Reads the headers of `data`, which may be the beginning of a file if it reaches as far as the frame header (JPEG) or the first
    /// 33 bytes (PNG). What lies behind the end of such a beginning is taken as absent: transparency, a late orientation.
    ///
    /// Throws `ImageError`: `.notAnImage` for other formats, `.corrupt`, `.unsupported`. Sizes are not judged here but by
    /// `ImageInfo.requireSize(maxPixels:)`.
    public static func inspect(_ data: Data) throws -> ImageInfo {
        try PictureHeader.parse(data).info
    }
}
