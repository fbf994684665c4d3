import Foundation

/// The chunks of a PNG that need no decompression (ISO/IEC 15948, 5 and 11): IHDR, tRNS, eXIf.
enum PNGHeader {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Colour type -> allowed bit depths (11.2.2, table 11.1).
    private static let bitDepths: [Int: Set<Int>] = [
        0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16],
    ]
    private static let palette = 3

    /// The types of PNG chunks, each four ASCII letters as a number.
    private enum ChunkType {
        static let header = 0x4948_4452  // IHDR
        static let transparency = 0x7452_4E53  // tRNS
        static let exif = 0x6558_4966  // eXIf
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
        var offset = signature.count
        // A chunk: length, type, data, check sum. eXIf may stand behind the pixels, so the walk goes on to the end.
        while let length = view.u32(at: offset), let type = view.u32(at: offset + 4), type != ChunkType.end,
            let data = view.bytes(at: offset + 8, count: length)
        {
            if type == ChunkType.transparency { hasTransparency = true }
            if type == ChunkType.exif, exif == nil, hasValidCheckSum(view, at: offset, length: length) { exif = Exif(data) }
            offset += 12 + length
        }
        return PictureHeader(
            format: .png, storedWidth: header.width, storedHeight: header.height,
            bitDepth: header.colourType == palette ? 8 : header.bitDepth, isGray: header.colourType & 2 == 0,
            hasAlpha: header.colourType & 4 != 0 || hasTransparency, exif: exif)
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
        return checkSum(of: covered) == stated
    }

    /// CRC-32 as in Annex D, one bit at a time: headers and Exif are short.
    private static func checkSum(of bytes: Data) -> Int {
        var sum: UInt32 = .max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return Int(~sum)
    }
}
