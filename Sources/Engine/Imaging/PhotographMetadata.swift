import Foundation

/// What a photograph carries besides its pixels, and keeps when it is written again.
public struct PhotographMetadata: Sendable, Equatable {
    /// The ICC profile that the samples are meant in. Nil when there was none, or one of CMYK, which RGB samples are not.
    public var icc: Data?
    /// A TIFF block, as in a PNG's eXIf, whose orientation says upright.
    public var exif: Data?
    /// The quality, 1 to 100, that a JPEG was written with, judged by its quantization table.
    public var jpegQuality: Int?
    /// Of a JPEG in colour.
    public var chromaSubsampling: ChromaSubsampling?

    public init(icc: Data? = nil, exif: Data? = nil, jpegQuality: Int? = nil, chromaSubsampling: ChromaSubsampling? = nil) {
        self.icc = icc
        self.exif = exif
        self.jpegQuality = jpegQuality
        self.chromaSubsampling = chromaSubsampling
    }
}

/// Luma samples for each chroma sample, across and down: 1x1 is 4:4:4, 2x1 is 4:2:2, 2x2 is 4:2:0.
public struct ChromaSubsampling: Sendable, Equatable {
    public var horizontal: Int
    public var vertical: Int

    public init(horizontal: Int, vertical: Int) {
        self.horizontal = horizontal
        self.vertical = vertical
    }
}
