import Foundation

/// The marker segments of a JPEG up to its first scan (ITU-T T.81, Annex B).
enum JPEGHeader {
    static let signature: [UInt8] = [0xFF, 0xD8, 0xFF]  // SOI and the first byte of the next marker

    private enum Marker {
        static let standalone: Set<Int> = Set([0x01]).union(0xD0...0xD8)  // TEM, RSTn, SOI: no length follows
        static let frames: Set<Int> = Set(0xC0...0xCF).subtracting([0xC4, 0xC8, 0xCC])  // SOFn; the three others are DHT, JPG, DAC
        static let readableFrames: Set<Int> = [0xC0, 0xC1, 0xC2, 0xC9, 0xCA]  // baseline, extended, progressive; Huffman or arithmetic
        static let endOfImage = 0xD9, startOfScan = 0xDA, quantizationTables = 0xDB, app1 = 0xE1, app2 = 0xE2
    }

    /// Between two segments. Without a bound, a file of nothing but such bytes would be read to its end.
    private static let maxStrayBytes = 4096

    private struct Frame {
        let width: Int
        let height: Int
        let components: Int
    }

    static func parse(_ view: ByteView) throws -> PictureHeader {
        var frame: Frame?
        var exif: Exif?
        var profile = ICCChunks()
        var quality: Int?
        var offset = 2  // behind SOI
        while let (marker, length) = nextSegment(view, &offset) {
            if marker == Marker.startOfScan || marker == Marker.endOfImage { break }
            guard length >= 2 else { throw ImageError.corrupt(reason: "a JPEG segment gives its length as \(length)") }
            guard let segment = view.bytes(at: offset + 2, count: length - 2) else { break }  // the prefix ends in it
            if Marker.frames.contains(marker), frame == nil {
                frame = try parseFrame(ByteView(segment), marker: marker)
            } else if marker == Marker.app1, exif == nil, ByteView(segment).starts(with: Array("Exif\0\0".utf8)) {
                exif = Exif(segment)
            } else if marker == Marker.app2 {
                profile.add(segment)
            } else if marker == Marker.quantizationTables, quality == nil {
                quality = JPEGQuality.estimate(fromTables: segment)
            }
            offset += length
        }
        guard let frame else { throw ImageError.corrupt(reason: "the JPEG has no frame header, or ends before it") }
        return PictureHeader(
            format: .jpeg, storedWidth: frame.width, storedHeight: frame.height, bitDepth: 8, isGray: frame.components == 1,
            hasAlpha: false, exif: exif, icc: profile.joined(), jpegQuality: quality)
    }

    /// Moves `offset` to the length field of the next segment. A marker may be preceded by fill bytes FF (B.1.1.2), and in files of
    /// careless writers by stray bytes. Nil at the end of the data, or when there is no marker near.
    private static func nextSegment(_ view: ByteView, _ offset: inout Int) -> (marker: Int, length: Int)? {
        let begin = offset
        while let start = view.firstOffset(of: 0xFF, from: offset), start - begin <= maxStrayBytes {
            offset = start
            while view.u8(at: offset) == 0xFF { offset += 1 }
            guard let marker = view.u8(at: offset) else { return nil }
            offset += 1
            if marker == 0 || Marker.standalone.contains(marker) { continue }
            if marker == Marker.endOfImage { return (marker, 0) }
            return view.u16(at: offset).map { (marker, $0) }
        }
        return nil
    }

    /// B.2.2: precision, height, width, number of components, three bytes for each.
    private static func parseFrame(_ view: ByteView, marker: Int) throws -> Frame {
        guard Marker.readableFrames.contains(marker) else {
            throw ImageError.unsupported(reason: "a lossless or hierarchical JPEG; save it as baseline or progressive")
        }
        guard let precision = view.u8(at: 0), let height = view.u16(at: 1), let width = view.u16(at: 3), let components = view.u8(at: 5),
            view.count == 6 + 3 * components
        else { throw ImageError.corrupt(reason: "the JPEG frame header has a wrong length") }
        guard precision == 8 else {
            throw ImageError.unsupported(reason: "a JPEG of \(precision) bits a sample, where 8 are read; save it as a 16-bit PNG")
        }
        guard [1, 3, 4].contains(components) else {
            throw ImageError.unsupported(reason: "a JPEG of \(components) components, where 1, 3 and 4 are read; save it as RGB")
        }
        guard width > 0, height > 0 else { throw ImageError.corrupt(reason: "the JPEG frame header says \(width)x\(height) pixels") }
        return Frame(width: width, height: height, components: components)
    }
}
