import Foundation

/// The Exif of a picture: a TIFF block, the same in a JPEG's APP1 and a PNG's eXIf. Reads the orientation, and writes what must change
/// once the pixels are upright; `withoutGPS` takes the place out. Refuses to interpret anything else: all other bytes stay as they are.
struct Exif {
    enum Tag {
        static let imageWidth = 0x0100
        static let imageLength = 0x0101
        static let orientation = 0x0112
        static let exifDirectory = 0x8769
        /// Of what links to a further directory: SubIFDs, Exif, Interoperability (TIFF-F supplement, Exif 2.32, 4.6.3).
        static let directories: Set<Int> = [0x014A, exifDirectory, 0xA005]
        static let pixelXDimension = 0xA002
        static let pixelYDimension = 0xA003
    }

    /// An entry of a directory: tag, type and count, then the value or its offset, 12 bytes in all (TIFF 6.0, section 2).
    struct Entry {
        static let byteCount = 12
        let tag: Int
        let type: Int
        let count: Int
        let offset: Int

        var valueOffset: Int { offset + 8 }
        var isShort: Bool { type == 3 && count == 1 }
        var isLong: Bool { type == 4 && count == 1 }
    }

    static let prefix: [UInt8] = Array("Exif\0\0".utf8)

    let tiff: Data
    private let order: ByteView.Order
    let view: ByteView

    /// `bytes` with or without the prefix "Exif\0\0"; nil when no TIFF block follows.
    init?(_ bytes: Data) {
        let hasPrefix = ByteView(bytes).starts(with: Self.prefix)
        tiff = Data(hasPrefix ? bytes.dropFirst(Self.prefix.count) : bytes)
        switch tiff.prefix(4) {
        case Data([0x49, 0x49, 42, 0]): order = .littleEndian
        case Data([0x4D, 0x4D, 0, 42]): order = .bigEndian
        default: return nil
        }
        view = ByteView(tiff, order: order)
    }

    /// `.up` when the tag is absent or holds nothing sensible, as every viewer takes it.
    var orientation: Orientation {
        entries(of: mainDirectory)
            .first { $0.tag == Tag.orientation && $0.isShort }
            .flatMap { view.u16(at: $0.valueOffset) }
            .flatMap(Orientation.init(rawValue:)) ?? .up
    }

    /// The block for the upright picture. The orientation becomes 1. If it was another, the recorded pixel dimensions follow the turn,
    /// and the thumbnail, which would now lie on its side, is cut off from its directory.
    func upright() -> Data {
        var result = tiff
        for entry in entries(of: mainDirectory) where entry.tag == Tag.orientation && entry.isShort {
            write(1, bytes: 2, at: entry.valueOffset, into: &result)
        }
        guard orientation != .up else { return result }
        if orientation.swapsSides { swapDimensions(in: &result) }
        if let link = nextDirectoryLink(of: mainDirectory) { write(0, bytes: 4, at: link, into: &result) }
        return result
    }

    var mainDirectory: Int? { view.u32(at: 4) }

    func entries(of directory: Int?) -> [Entry] {
        guard let directory, let count = view.u16(at: directory) else { return [] }
        return (0..<count).lazy.map { directory + 2 + $0 * Entry.byteCount }.compactMap { offset in
            guard let tag = view.u16(at: offset), let type = view.u16(at: offset + 2), let count = view.u32(at: offset + 4),
                view.u32(at: offset + 8) != nil
            else { return nil }
            return Entry(tag: tag, type: type, count: count, offset: offset)
        }
    }

    func nextDirectoryLink(of directory: Int?) -> Int? {
        guard let directory, let count = view.u16(at: directory) else { return nil }
        let link = directory + 2 + count * Entry.byteCount
        return view.u32(at: link) == nil ? nil : link
    }

    /// The block with its thumbnail cut off: the directory of it is no longer linked to.
    func withoutThumbnail() -> Data {
        var result = tiff
        if let link = nextDirectoryLink(of: mainDirectory) { write(0, bytes: 4, at: link, into: &result) }
        return result
    }

    /// The block with other pixel dimensions, where it has any.
    func withDimensions(width: Int, height: Int) -> Data {
        var result = tiff
        for (x, y) in dimensions { write(width, height, as: (x, y), into: &result) }
        return result
    }

    /// A block that says how its picture is to be turned, and nothing else.
    static func block(turning orientation: Orientation) -> Data {
        let header = Data("MM\0*".utf8) + [0, 0, 0, 8],
            entry: [UInt8] = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(orientation.rawValue), 0, 0]
        return header + [0, 1] + entry + [0, 0, 0, 0]
    }

    /// The entries of the two pixel dimensions, in the Exif directory and in the main one.
    private var dimensions: [(x: Entry, y: Entry)] {
        let link = entries(of: mainDirectory).first { $0.tag == Tag.exifDirectory && $0.isLong }
        return [
            dimensions(in: link.flatMap { view.u32(at: $0.valueOffset) }, Tag.pixelXDimension, Tag.pixelYDimension),
            dimensions(in: mainDirectory, Tag.imageWidth, Tag.imageLength),
        ].compactMap { $0 }
    }

    private func dimensions(in directory: Int?, _ xTag: Int, _ yTag: Int) -> (x: Entry, y: Entry)? {
        let entries = entries(of: directory)
        guard let x = entries.first(where: { $0.tag == xTag }), let y = entries.first(where: { $0.tag == yTag }), x.isShort || x.isLong,
            y.isShort || y.isLong
        else { return nil }
        return (x, y)
    }

    private func swapDimensions(in result: inout Data) {
        for (x, y) in dimensions {
            guard let width = number(x), let height = number(y) else { continue }
            write(height, width, as: (x, y), into: &result)
        }
    }

    /// Of an entry that is a SHORT or a LONG; a SHORT stands in the first bytes of its field (TIFF 6.0, section 2).
    private func number(_ entry: Entry) -> Int? { entry.isShort ? view.u16(at: entry.valueOffset) : view.u32(at: entry.valueOffset) }

    /// Both, or neither where one is too large for its type.
    private func write(_ width: Int, _ height: Int, as entries: (x: Entry, y: Entry), into result: inout Data) {
        let pairs = [(width, entries.x), (height, entries.y)]
        guard pairs.allSatisfy({ !$1.isShort || $0 <= 0xFFFF }) else { return }
        for (value, entry) in pairs { write(value, bytes: entry.isShort ? 2 : 4, at: entry.valueOffset, into: &result) }
    }

    func write(_ value: Int, bytes count: Int, at offset: Int, into result: inout Data) {
        for i in 0..<count {
            let shift = 8 * (order == .littleEndian ? i : count - 1 - i)
            result[result.startIndex + offset + i] = UInt8(truncatingIfNeeded: value >> shift)
        }
    }
}
