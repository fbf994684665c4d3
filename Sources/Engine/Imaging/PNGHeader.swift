import Foundation

/// The chunks of a PNG that need no decompression (ISO/IEC 15948, 5 and 11): IHDR, tRNS, and those with metadata.
enum PNGHeader {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Colour type -> allowed bit depths (11.2.2, table 11.1).
    private static let bitDepths: [Int: Set<Int>] = [
        0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16],
    ]
    private static let palette = 3
    /// More text chunks than anybody writes; those behind are dropped, so that a file of nothing else takes no memory.
    private static let maxTexts = 1000

    /// The types of PNG chunks, each four ASCII letters as a number.
    private enum ChunkType {
        static let header = 0x4948_4452  // IHDR
        static let transparency = 0x7452_4E53  // tRNS
        static let end = 0x4945_4E44  // IEND
        static let apple = 0x4367_4249  // CgBI
    }

    private struct Header {
        let width: Int
        let height: Int
        let bitDepth: Int
        let colourType: Int
    }

    static func parse(_ view: ByteView) throws -> PictureHeader {
        let header = try parseHeader(view)
        var hasTransparency = false
        var exif: Exif?
        var metadata = PhotographMetadata(), colours: [Int: PNGChunk] = [:]
        var offset = signature.count
        // eXIf and texts may stand behind the pixels, so the walk goes on to the end.
        while let (chunk, length) = chunk(view, at: offset), chunk.type != ChunkType.end {
            switch chunk.type {
            case ChunkType.transparency: hasTransparency = true
            case PNGChunk.exif where exif == nil && hasValidCheckSum(view, at: offset, length: length): exif = Exif(chunk.content)
            case PNGChunk.resolution where metadata.resolution == nil && hasValidCheckSum(view, at: offset, length: length):
                metadata.resolution = Resolution(phys: chunk.content)
            case let type where PNGChunk.colour[type]?.contains(length) == true && colours[type] == nil:
                if hasValidCheckSum(view, at: offset, length: length) { colours[type] = chunk }
            case let type where PNGChunk.text.contains(type) && chunk.hasKeyword && metadata.texts.count < maxTexts:
                if metadata.xmp == nil, let packet = chunk.xmp { metadata.xmp = packet } else { metadata.texts.append(chunk) }
            default: break
            }
            offset += 12 + length
        }
        metadata.colours = colours.values.sorted { $0.type < $1.type }
        return PictureHeader(
            format: .png, storedWidth: header.width, storedHeight: header.height,
            bitDepth: header.colourType == palette ? 8 : header.bitDepth, isGray: header.colourType & 2 == 0,
            hasAlpha: header.colourType & 4 != 0 || hasTransparency, exif: exif, metadata: metadata)
    }

    /// The chunk whose length field is at `offset`: length, type, content, check sum. Nil where it is not there whole.
    static func chunk(_ view: ByteView, at offset: Int) -> (PNGChunk, length: Int)? {
        guard let length = view.u32(at: offset), let type = view.u32(at: offset + 4),
            let content = view.bytes(at: offset + 8, count: length)
        else { return nil }
        return (PNGChunk(type, content), length)
    }

    private static func parseHeader(_ view: ByteView) throws -> Header {
        let start = signature.count
        if view.u32(at: start + 4) == ChunkType.apple {
            throw ImageError.unsupported(reason: "a PNG altered for iOS (CgBI); send the original")
        }
        guard let length = view.u32(at: start), let width = view.u32(at: start + 8), let height = view.u32(at: start + 12),
            let rest = view.bytes(at: start + 16, count: 5).map(Array.init), view.u32(at: start + 21) != nil
        else { throw ImageError.corrupt(reason: "the PNG ends before its header does") }
        guard length == 13, view.u32(at: start + 4) == ChunkType.header else {
            throw ImageError.corrupt(reason: "the PNG does not begin with a header chunk")
        }
        guard hasValidCheckSum(view, at: start, length: length) else {
            throw ImageError.corrupt(reason: "the check sum of the PNG header is wrong")
        }
        let bitDepth = Int(rest[0]), colourType = Int(rest[1])
        guard bitDepths[colourType]?.contains(bitDepth) ?? false else {
            throw ImageError.corrupt(reason: "the PNG header says colour type \(colourType) with \(bitDepth) bits")
        }
        guard (1..<1 << 31).contains(width), (1..<1 << 31).contains(height) else {
            throw ImageError.corrupt(reason: "the PNG header says \(width)x\(height) pixels")
        }
        guard rest[2] == 0, rest[3] == 0, rest[4] <= 1 else {
            throw ImageError.corrupt(reason: "the PNG header names an unknown compression, filter or interlace method")
        }
        return Header(width: width, height: height, bitDepth: bitDepth, colourType: colourType)
    }

    /// Whether the check sum is right of the chunk whose length field is at `offset`; it is over type and data (5.3).
    private static func hasValidCheckSum(_ view: ByteView, at offset: Int, length: Int) -> Bool {
        guard let covered = view.bytes(at: offset + 4, count: 4 + length), let stated = view.u32(at: offset + 8 + length)
        else { return false }
        return PNGChunk.checkSum(of: covered) == stated
    }
}
