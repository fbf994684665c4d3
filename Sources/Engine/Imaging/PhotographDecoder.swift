import CCodecs
import Foundation

/// JPEG and PNG files to photographs: grey, palette, 1 to 16 bits, transparency, interlaced, progressive, CMYK and YCCK.
package enum PhotographDecoder {
    /// Decodes `data` and turns it upright. A side below `ImageInfo.minimumSide` or more than `maxPixels` pixels are refused before
    /// memory is taken for them. Damage anywhere up to the end of the stream is an error: half a picture is never returned.
    ///
    /// Throws `ImageError`.
    package static func decode(_ data: Data, maxPixels: Int = ImageInfo.defaultMaxPixels) throws -> Photograph {
        let header = try PictureHeader.parse(data)
        try header.info.requireSize(maxPixels: maxPixels)
        return try decode(data, header)
    }

    /// - Parameter header: of the data, of a size that is accepted
    static func decode(_ data: Data, _ header: PictureHeader) throws -> Photograph {
        try data.withUnsafeBytes { bytes in
            let reader = try RowReader(bytes, format: header.info.format)
            return try photograph(reader, header)
        }
    }

    private static func photograph(_ reader: RowReader, _ header: PictureHeader) throws -> Photograph {
        let layout = reader.layout
        // The limits were held against the header that was read here: the codec must have read the same one.
        guard Int(layout.width) == header.storedWidth, Int(layout.height) == header.storedHeight else {
            throw ImageError.corrupt(
                reason: "its headers contradict each other, "
                    + "\(header.storedWidth)x\(header.storedHeight) and \(layout.width)x\(layout.height) pixels")
        }
        let orientation = header.orientation
        let samples: Samples
        let alpha: Samples?
        if layout.bit_depth == 8 {
            let rows = try UprightRows<UInt8>(reader, orientation)
            (samples, alpha) = (.eight(rows.colour), rows.alpha.map(Samples.eight))
        } else {
            let rows = try UprightRows<UInt16>(reader, orientation)
            (samples, alpha) = (.sixteen(rows.colour), rows.alpha.map(Samples.sixteen))
        }
        return Photograph(
            width: header.info.width, height: header.info.height, isGray: layout.channels < 3, format: header.info.format, samples: samples,
            alpha: alpha, metadata: metadata(reader, header))
    }

    private static func metadata(_ reader: RowReader, _ header: PictureHeader) -> PhotographMetadata {
        let layout = reader.layout
        let hasChroma = header.info.format == .jpeg && layout.channels == 3 && layout.from_cmyk == 0
        return PhotographMetadata(
            icc: layout.from_cmyk == 0 ? header.icc ?? reader.icc : nil,
            exif: header.exif?.upright(),
            jpegQuality: header.jpegQuality,
            chromaSubsampling: hasChroma ? ChromaSubsampling(horizontal: Int(layout.chroma_h), vertical: Int(layout.chroma_v)) : nil)
    }
}

/// All rows of a picture, read from the top and put where they belong upright, colour and alpha apart.
private struct UprightRows<Sample: FixedWidthInteger & UnsignedInteger> {
    var colour: [Sample]  // [height, width, 1 or 3]
    var alpha: [Sample]?  // [height, width]

    init(_ reader: RowReader, _ orientation: Orientation) throws {
        let layout = reader.layout
        let width = Int(layout.width), height = Int(layout.height), channels = Int(layout.channels)
        let hasAlpha = channels % 2 == 0
        let colours = hasAlpha ? channels - 1 : channels
        colour = [Sample](repeating: 0, count: width * height * colours)
        alpha = hasAlpha ? [Sample](repeating: 0, count: width * height) : nil
        var row = [Sample](repeating: 0, count: width * channels)
        for y in 0..<height {
            try row.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return }  // never: width is positive
                try reader.read(into: start)
            }
            let (start, step) = orientation.placement(ofRow: y, width: width, height: height)
            for x in 0..<width {
                let from = x * channels, to = start + x * step
                for channel in 0..<colours { colour[to * colours + channel] = row[from + channel] }
                if hasAlpha { alpha?[to] = row[from + colours] }
            }
        }
        try reader.finish()
    }
}
