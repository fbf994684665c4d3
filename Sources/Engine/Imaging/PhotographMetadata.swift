import Foundation

/// What a photograph carries besides its pixels, and keeps when it is written again.
package struct PhotographMetadata: Sendable, Equatable {
    /// The ICC profile that the samples are meant in. Nil when there was none, or one of CMYK, which RGB samples are not.
    package var icc: Data?
    /// A TIFF block, as in a PNG's eXIf, whose orientation says upright.
    package var exif: Data?
    /// The quality, 1 to 100, that a JPEG was written with, judged by its quantization table.
    package var jpegQuality: Int?
    /// How a JPEG in colour thins out its chroma; nil for any other file.
    package var chromaSubsampling: ChromaSubsampling?

    package init(icc: Data? = nil, exif: Data? = nil, jpegQuality: Int? = nil, chromaSubsampling: ChromaSubsampling? = nil) {
        self.icc = icc
        self.exif = exif
        self.jpegQuality = jpegQuality
        self.chromaSubsampling = chromaSubsampling
    }
}

/// Luma samples for each chroma sample, across and down: 1x1 is 4:4:4, 2x1 is 4:2:2, 2x2 is 4:2:0.
package struct ChromaSubsampling: Sendable, Equatable {
    package var horizontal: Int
    package var vertical: Int

    package init(horizontal: Int, vertical: Int) {
        self.horizontal = horizontal
        self.vertical = vertical
    }
}
