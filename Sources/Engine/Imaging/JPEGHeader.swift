import Foundation

/// The marker segments of a JPEG up to its first scan (ITU-T T.81, Annex B).
enum JPEGHeader {
    static let signature: [UInt8] = [0xFF, 0xD8, 0xFF]  // SOI and the first byte of the next marker

    enum Marker {
        static let standalone: Set<Int> = Set([0x01]).union(0xD0...0xD8)  // TEM, RSTn, SOI: no length follows
        static let frames: Set<Int> = Set(0xC0...0xCF).subtracting([0xC4, 0xC8, 0xCC])  // SOFn; the three others are DHT, JPG, DAC
        static let readableFrames: Set<Int> = [0xC0, 0xC1, 0xC2, 0xC9, 0xCA]  // baseline, extended, progressive; Huffman or arithmetic
        static let endOfImage = 0xD9, startOfScan = 0xDA, app1 = 0xE1, photoshop = 0xED, comment = 0xFE
        static let applications = 0xE0...0xEF
    }

    /// Between two segments. Without a bound, a file of nothing but such bytes would be read to its end.
    private static let maxStrayBytes = 4096

    /// Of one kind: 255 of 64 KiB are more than any camera writes; those behind are dropped.
    private static let maxSegments = 255

    private struct Frame {
        let width: Int
        let height: Int
        let components: Int
    }

    static func parse(_ view: ByteView) throws -> PictureHeader {
        var frame: Frame?
        var exif: Exif?
        var profile = ICCChunks()
        var metadata = PhotographMetadata()
        var offset = 2  // behind SOI
        while let (marker, length) = nextSegment(view, &offset) {
            if marker == Marker.startOfScan || marker == Marker.endOfImage { break }
            guard length >= 2 else { throw ImageError.corrupt(reason: "a JPEG segment gives its length as \(length)") }
            guard let segment = view.bytes(at: offset + 2, count: length - 2) else { break }  // the prefix ends in it
            if Marker.frames.contains(marker), frame == nil {
                frame = try parseFrame(ByteView(segment), marker: marker)
            } else {
                switch Kind(marker, segment) {
                case .exif where exif == nil: exif = Exif(segment)
                case .profile: profile.add(segment)
                case .jfif where metadata.resolution == nil: metadata.resolution = resolution(jfif: ByteView(segment))
                case .xmp where metadata.xmp == nil: metadata.xmp = segment.dropFirst(XMP.prefix.count)
                case .extendedXMP where metadata.extendedXMP.count < maxSegments: metadata.extendedXMP.append(segment)
                case .photoshop where metadata.photoshop.count < maxSegments: metadata.photoshop.append(segment)
                case .comment where metadata.comments.count < maxSegments: metadata.comments.append(segment)
                default: break
                }
            }
            offset += length
        }
        guard let frame else { throw ImageError.corrupt(reason: "the JPEG has no frame header, or ends before it") }
        metadata.icc = profile.joined()
        return PictureHeader(
            format: .jpeg, storedWidth: frame.width, storedHeight: frame.height, bitDepth: 8, isGray: frame.components == 1,
            hasAlpha: false, exif: exif, metadata: metadata)
    }

    /// What a segment holds that is kept with a picture.
    enum Kind: Equatable {
        case jfif, exif, xmp, extendedXMP, profile, photoshop, comment, adobe

        init?(_ marker: Int, _ segment: Data) {
            let view = ByteView(segment)
            func begins(_ prefix: [UInt8]) -> Bool { view.starts(with: prefix) }
            switch marker {
            case 0xE0 where begins(Array("JFIF\0".utf8)): self = .jfif
            case 0xE1 where begins(Exif.prefix): self = .exif
            case 0xE1 where begins(XMP.prefix): self = .xmp
            case 0xE1 where begins(XMP.extensionPrefix): self = .extendedXMP
            case 0xE2 where begins(ICCChunks.prefix): self = .profile
            case 0xED where begins(PhotoshopResources.prefix): self = .photoshop
            case 0xEE where begins(Array("Adobe".utf8)): self = .adobe
            case 0xFE: self = .comment
            default: return nil
            }
        }
    }

    /// Behind "JFIF\0" and two bytes of version: unit, across, down (ITU-T T.871, 10.1).
    private static func resolution(jfif view: ByteView) -> Resolution? {
        guard let unit = view.u8(at: 7).flatMap(Resolution.Unit.init), unit != .metre, let x = view.u16(at: 8), let y = view.u16(at: 10)
        else { return nil }
        return Resolution(unit, x: x, y: y)
    }

    /// Moves `offset` to the length field of the next segment. A marker may be preceded by fill bytes FF (B.1.1.2), and in files of
    /// careless writers by stray bytes. Nil at the end of the data, or when there is no marker near.
    static func nextSegment(_ view: ByteView, _ offset: inout Int) -> (marker: Int, length: Int)? {
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
