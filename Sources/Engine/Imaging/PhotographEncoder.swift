import CCodecs
import Foundation

/// Photographs to JPEG and PNG files, with their metadata.
package enum PhotographEncoder {
    /// Encodes `p` in its own format or the one asked for. A PNG keeps depth and alpha exactly. A JPEG has 8 bits and no alpha:
    /// transparent parts are laid over white; its chroma is subsampled no more than the JPEG that `p` came from was, and not at
    /// all if it came from a PNG. `quality`, 1 to 100 (others become the nearest of these), is for JPEG alone. Left out is what the
    /// format cannot carry: in a PNG a profile of another colour space than the pixels', IPTC and comments, in a JPEG texts, what a PNG says of
    /// its colours, and what does not fit into a segment of 65,533 bytes.
    ///
    /// Throws `ImageError`, as for a JPEG of more than 65,500 pixels a side.
    package static func encode(_ p: Photograph, as format: ImageFormat? = nil, quality: Int = 95) throws -> Data {
        switch format ?? p.format {
        case .jpeg: try jpeg(p, quality: min(max(quality, 1), 100))
        case .png: try png(p)
        }
    }

    private static func jpeg(_ p: Photograph, quality: Int) throws -> Data {
        try ImageFormat.jpeg.require(width: p.width, height: p.height)
        let chroma = p.metadata.chromaSubsampling ?? ChromaSubsampling(horizontal: 1, vertical: 1)
        let density = p.metadata.resolution?.jfif
        // Beyond 2x2 a block of luma exceeds what a baseline JPEG may interleave (T.81, B.2.3).
        let layout = ccodecs_layout(
            width: UInt32(p.width), height: UInt32(p.height), channels: Int32(p.channels), bit_depth: 8, from_cmyk: 0,
            chroma_h: Int32(min(max(chroma.horizontal, 1), 2)), chroma_v: Int32(min(max(chroma.vertical, 1), 2)),
            density_unit: Int32(density?.unit ?? 0), density_x: UInt16(density?.x ?? 1), density_y: UInt16(density?.y ?? 1))
        let writer = try RowWriter(
            .jpeg, layout: layout, quality: quality,
            exif: p.metadata.exif.flatMap { $0.count <= CCODECS_JPEG_EXIF_MAX ? $0 : nil },
            icc: p.metadata.icc.flatMap { $0.count <= CCODECS_JPEG_ICC_MAX ? $0 : nil })
        for (marker, content) in segments(p.metadata) where content.count <= CCODECS_JPEG_SEGMENT_MAX {
            try writer.write(content, as: marker)
        }
        try write(opaqueEightBits(p), rows: p.height, to: writer)
        return try writer.finish()
    }

    /// Beside Exif and the profile.
    private static func segments(_ metadata: PhotographMetadata) -> [(marker: Int, content: Data)] {
        let app1 = JPEGHeader.Marker.app1
        return (metadata.xmp.map { [(app1, Data(XMP.prefix) + $0)] } ?? []) + metadata.extendedXMP.map { (app1, $0) }
            + metadata.photoshop.map { (JPEGHeader.Marker.photoshop, $0) } + metadata.comments.map { (JPEGHeader.Marker.comment, $0) }
    }

    /// Beside Exif and the profile. Significant bits are of the channels that are written, and no more than they have.
    private static func chunks(_ metadata: PhotographMetadata, channels: Int, bitDepth: Int) -> [PNGChunk] {
        let colours = metadata.colours.filter { chunk in
            chunk.type != PNGChunk.significantBits
                || chunk.content.count == channels && chunk.content.allSatisfy { (1...bitDepth).contains(Int($0)) }
        }
        return colours + (metadata.resolution?.phys.map { [PNGChunk(PNGChunk.resolution, $0)] } ?? [])
            + (metadata.xmp.map { [PNGChunk(xmp: $0)] } ?? []) + metadata.texts
    }

    private static func png(_ p: Photograph) throws -> Data {
        let channels = p.channels + (p.alpha == nil ? 0 : 1)
        let layout = ccodecs_layout(
            width: UInt32(p.width), height: UInt32(p.height), channels: Int32(channels), bit_depth: Int32(p.bitDepth), from_cmyk: 0,
            chroma_h: 1, chroma_v: 1, density_unit: 0, density_x: 1, density_y: 1)
        let colourSpace = p.isGray ? "GRAY" : "RGB "  // ICC.1, 7.2.6
        let writer = try RowWriter(
            .png, layout: layout, quality: 0, exif: p.metadata.exif,
            icc: p.metadata.icc.flatMap { ByteView($0).starts(with: Array(colourSpace.utf8), at: 16) ? $0 : nil })
        for chunk in chunks(p.metadata, channels: channels, bitDepth: p.bitDepth) { try writer.write(chunk.content, as: chunk.type) }
        switch (p.samples, p.alpha) {
        case (.eight(let samples), .eight(let alpha)): try write(samples, alpha, p, to: writer)
        case (.sixteen(let samples), .sixteen(let alpha)): try write(samples, alpha, p, to: writer)
        case (.eight(let samples), _): try write(samples, rows: p.height, to: writer)
        case (.sixteen(let samples), _): try write(samples, rows: p.height, to: writer)
        }
        return try writer.finish()
    }

    private static func write<Sample>(_ samples: [Sample], rows: Int, to writer: RowWriter) throws {
        try samples.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }  // never: a photograph has samples
            for y in 0..<rows { try writer.write(start + y * (bytes.count / rows)) }
        }
    }

    private static func write<Sample: FixedWidthInteger>(
        _ colour: [Sample], _ alpha: [Sample], _ p: Photograph, to writer: RowWriter
    ) throws {
        let colours = p.channels
        var row = [Sample](repeating: 0, count: p.width * (colours + 1))
        for y in 0..<p.height {
            for x in 0..<p.width {
                let from = y * p.width + x, to = x * (colours + 1)
                for channel in 0..<colours { row[to + channel] = colour[from * colours + channel] }
                row[to + colours] = alpha[from]
            }
            try write(row, rows: 1, to: writer)
        }
    }

    /// What a JPEG can hold: 8 bits, laid over white.
    private static func opaqueEightBits(_ p: Photograph) -> [UInt8] {
        switch (p.samples, p.alpha) {
        case (.eight(let samples), .eight(let alpha)): overWhite(samples, alpha, channels: p.channels)
        case (.sixteen(let samples), .sixteen(let alpha)): overWhite(samples, alpha, channels: p.channels).map(eightBits)
        case (.eight(let samples), _): samples
        case (.sixteen(let samples), _): samples.map(eightBits)
        }
    }

    private static func eightBits(_ sample: UInt16) -> UInt8 { UInt8((Int(sample) + 128) / 257) }

    private static func overWhite<Sample: FixedWidthInteger & UnsignedInteger>(
        _ colour: [Sample], _ alpha: [Sample], channels: Int
    ) -> [Sample] {
        let white = Int(Sample.max)
        return colour.indices.map { index in
            let opacity = Int(alpha[index / channels])
            return Sample((Int(colour[index]) * opacity + white * (white - opacity) + white / 2) / white)
        }
    }
}
