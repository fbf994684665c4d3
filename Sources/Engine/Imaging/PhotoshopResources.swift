import Foundation

/// The content of a JPEG's APP13: Photoshop's image resources, of which one is IPTC's record (Photoshop file formats, "Image Resource
/// Blocks"; IIM 4.2).
struct PhotoshopResources {
    static let prefix = Array("Photoshop 3.0\0".utf8)

    /// Pictures of the picture, as it was.
    static let thumbnails: Set<Int> = [0x0409, 0x040C]
    /// Exif (two parts) and XMP once more.
    static let otherMetadata: Set<Int> = [0x0422, 0x0423, 0x0424]

    /// Number and whole block of each, in their order.
    private let blocks: [(number: Int, bytes: Data)]

    /// nil where the blocks do not follow each other to the end, as of a resource that goes on in another segment.
    init?(_ segment: Data) {
        let view = ByteView(segment)
        guard view.starts(with: Self.prefix) else { return nil }
        var blocks: [(Int, Data)] = [], offset = Self.prefix.count
        while offset < view.count {
            // Signature, number, a name with its length in front, size, content; name and content are padded to an even length.
            guard view.starts(with: Array("8BIM".utf8), at: offset), let number = view.u16(at: offset + 4),
                let name = view.u8(at: offset + 6), let size = view.u32(at: offset + 6 + (name + 2) / 2 * 2)
            else { return nil }
            let content = offset + 6 + (name + 2) / 2 * 2 + 4
            guard view.bytes(at: content, count: size) != nil else { return nil }
            let end = min(content + (size + 1) / 2 * 2, view.count)
            guard let block = view.bytes(at: offset, count: end - offset) else { return nil }
            blocks.append((number, block))
            offset = end
        }
        self.blocks = blocks
    }

    /// The segment's content without some resources; nil where nothing is left.
    func without(_ numbers: Set<Int>) -> Data? {
        let kept = blocks.filter { !numbers.contains($0.number) }
        return kept.isEmpty ? nil : kept.reduce(Data(Self.prefix)) { $0 + $1.bytes }
    }
}
