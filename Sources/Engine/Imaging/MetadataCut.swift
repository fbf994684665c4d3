import Foundation

/// A file without the metadata that must go, around compressed pixels that stay as they are.
///
/// What stays is what `PhotographEncoder` would write of it, and what the pixels need: also where nobody knows what a part holds, as of
/// another maker's segments or of pictures behind the end.
enum MetadataCut {
    /// - Parameter data: a file that was read to its end without a fault; of a PNG the picture must be upright
    /// - Returns: nil where the file cannot be followed
    static func apply(_ policy: MetadataPolicy, to data: Data, _ format: ImageFormat) -> Data? {
        if policy == .keep { return data }
        return switch format {
        case .jpeg: jpeg(ByteView(data), policy)
        case .png: png(ByteView(data), policy)
        }
    }

    // MARK: JPEG

    private static func jpeg(_ view: ByteView, _ policy: MetadataPolicy) -> Data? {
        typealias Marker = JPEGHeader.Marker
        var result = Data([0xFF, 0xD8]), offset = 2
        // XMP that is parted can only be judged whole.
        let header = try? JPEGHeader.parse(view), keepsExtendedXMP = header?.metadata.applying(policy).extendedXMP.isEmpty == false
        // Which way up the pixels are is no metadata that may go. Of several blocks the first counts.
        var turn = policy == .strip ? header?.orientation ?? .up : .up
        while let (marker, length) = JPEGHeader.nextSegment(view, &offset) {
            if marker == Marker.endOfImage { return result + [0xFF, UInt8(marker)] }
            guard length >= 2, let segment = view.bytes(at: offset + 2, count: length - 2) else { return nil }
            offset += length
            if turn != .up, JPEGHeader.Kind(marker, segment) == .exif, Exif(segment) != nil {
                append(Data(Exif.prefix) + Exif.block(turning: turn), JPEGHeader.Marker.app1, to: &result)
                turn = .up
            } else if let kept = kept(segment, marker, policy, keepsExtendedXMP: keepsExtendedXMP) {
                append(kept, marker, to: &result)
            }
            if marker == Marker.startOfScan {
                guard let end = endOfScan(view, from: offset), let scan = view.bytes(at: offset, count: end - offset) else { return nil }
                result += scan
                offset = end
            }
        }
        return nil
    }

    private static func append(_ segment: Data, _ marker: Int, to result: inout Data) {
        result += [0xFF, UInt8(marker), UInt8((segment.count + 2) >> 8), UInt8((segment.count + 2) & 0xFF)] + segment
    }

    private static func kept(_ segment: Data, _ marker: Int, _ policy: MetadataPolicy, keepsExtendedXMP: Bool) -> Data? {
        guard JPEGHeader.Marker.applications.contains(marker) || marker == JPEGHeader.Marker.comment else { return segment }
        guard let kind = JPEGHeader.Kind(marker, segment) else { return nil }
        switch (kind, policy) {
        case (.adobe, _), (.profile, _): return segment
        case (.jfif, .strip): return plainJFIF(segment)
        case (_, .strip): return nil
        case (.jfif, _), (.comment, _): return segment
        case (.exif, _): return Exif(segment).map { Data(Exif.prefix) + $0.withoutGPS() }
        case (.xmp, _): return XMP.withoutGPS(segment.dropFirst(XMP.prefix.count)).map { Data(XMP.prefix) + $0 }
        case (.extendedXMP, _): return keepsExtendedXMP ? segment : nil
        case (.photoshop, _): return PhotoshopResources(segment)?.without(PhotoshopResources.otherMetadata)
        }
    }

    /// Its presence says what the colours are; of what it says, the version stays: no density, and no thumbnail behind it.
    private static func plainJFIF(_ segment: Data) -> Data { segment.prefix(7) + [0, 0, 1, 0, 1, 0, 0] }

    /// The next marker that does not belong to the scan: not RSTn, nor FF 00, which is a data byte FF (B.1.1.5).
    private static func endOfScan(_ view: ByteView, from start: Int) -> Int? {
        var offset = start
        while let found = view.firstOffset(of: 0xFF, from: offset), let next = view.u8(at: found + 1) {
            if next != 0, next != 0xFF, !(0xD0...0xD7).contains(next) { return found }
            offset = next == 0xFF ? found + 1 : found + 2
        }
        return nil
    }

    // MARK: PNG

    private static func png(_ view: ByteView, _ policy: MetadataPolicy) -> Data? {
        var result = Data(PNGHeader.signature), offset = PNGHeader.signature.count
        while let (chunk, length) = PNGHeader.chunk(view, at: offset) {
            guard let whole = view.bytes(at: offset, count: 12 + length) else { return nil }
            switch kept(chunk, policy) {
            case nil: break
            case chunk: result += whole
            case .some(let changed): result += changed.bytes
            }
            if chunk.type == PNGChunk.end { return result }
            offset += 12 + length
        }
        return nil
    }

    private static func kept(_ chunk: PNGChunk, _ policy: MetadataPolicy) -> PNGChunk? {
        if chunk.isCritical || PNGChunk.picture.contains(chunk.type) || PNGChunk.colour[chunk.type] != nil { return chunk }
        guard policy == .stripGPS else { return nil }
        if let packet = chunk.xmp { return XMP.withoutGPS(packet).map(PNGChunk.init(xmp:)) }
        switch chunk.type {
        case PNGChunk.exif: return Exif(chunk.content).map { PNGChunk(PNGChunk.exif, $0.withoutGPS()) }
        case PNGChunk.resolution: return chunk
        case let type where PNGChunk.text.contains(type): return chunk.mayHoldPlace ? nil : chunk
        default: return nil
        }
    }
}
