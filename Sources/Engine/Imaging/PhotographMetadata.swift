import Foundation

/// What a photograph carries besides its pixels, and keeps when it is written again, as far as the format can hold it.
package struct PhotographMetadata: Sendable, Equatable {
    /// The ICC profile that the samples are meant in. Nil when there was none, or one of CMYK, through which the samples were read.
    package var icc: Data?
    /// A TIFF block, as in a PNG's eXIf, whose orientation says upright.
    package var exif: Data?
    /// An XMP packet, in both formats.
    var xmp: Data?
    /// Of a JPEG: what of the packet did not fit into its segment, as it stands in segments of its own.
    var extendedXMP: [Data] = []
    /// Of a JPEG: APP13, with IPTC's record.
    var photoshop: [Data] = []
    /// Of a JPEG: COM.
    var comments: [Data] = []
    /// How densely it is to be printed, in both formats.
    var resolution: Resolution?
    /// Of a PNG: tEXt, zTXt, iTXt but for XMP.
    var texts: [PNGChunk] = []
    /// Of a PNG: what the samples' numbers mean as colours, `PNGChunk.colour`.
    var colours: [PNGChunk] = []
    /// How a JPEG in colour thins out its chroma; nil for any other file.
    package var chromaSubsampling: ChromaSubsampling?

    package init(icc: Data? = nil, exif: Data? = nil, chromaSubsampling: ChromaSubsampling? = nil) {
        self.icc = icc
        self.exif = exif
        self.chromaSubsampling = chromaSubsampling
    }

    /// Of the picture turned upright.
    func upright(from orientation: Orientation) -> PhotographMetadata {
        var result = self
        result.exif = exif.flatMap { Exif($0)?.upright() }
        guard orientation != .up else { return result }
        result.xmp = xmp.map(XMP.upright)
        if orientation.swapsSides { result.resolution = resolution?.turned }
        return result
    }

    /// Of a picture whose pixels are no longer those of the file: without the small pictures of it as it was.
    func withoutThumbnails() -> PhotographMetadata {
        var result = self
        result.exif = exif.map { Exif($0)?.withoutThumbnail() ?? $0 }
        result.photoshop = photoshop.compactMap { segment in
            guard let resources = PhotoshopResources(segment) else { return segment }
            return resources.without(PhotoshopResources.thumbnails)
        }
        return result
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
