import Foundation
import Testing

@testable import Engine

/// Photoshop's resources in a JPEG.
@Suite(.timeLimit(.minutes(60))) struct PhotoshopResourcesTests {
    /// A caption (IPTC, an odd number of bytes), a thumbnail, and XMP once more.
    static let segment =
        Data(PhotoshopResources.prefix) + block(0x0404, "a caption") + block(0x040C, "small") + block(0x0424, "<x:xmpmeta/>")

    private static func block(_ number: Int, _ text: String) -> Data {
        let content = Data(text.utf8)
        return Data("8BIM".utf8) + [UInt8(number >> 8), UInt8(number & 0xFF), 0, 0] + PNGChunk.bigEndian(content.count) + content
            + Data(count: content.count % 2)
    }

    @Test func someGoAndTheRestStays() throws {
        let resources = try #require(PhotoshopResources(Self.segment))
        #expect(resources.without([]) == Self.segment)
        let kept = try #require(resources.without(PhotoshopResources.thumbnails.union(PhotoshopResources.otherMetadata)))
        #expect(kept == Data(PhotoshopResources.prefix) + Self.block(0x0404, "a caption"))
        #expect(PhotoshopResources(kept)?.without([0x0404]) == nil, "nothing is left")
    }

    @Test func whatCannotBeFollowedIsNone() {
        #expect(PhotoshopResources(Data("Photoshop 2".utf8)) == nil)
        // Cut anywhere but between two resources, or before the padding of one of an odd length.
        let whole = [PhotoshopResources.prefix.count, 35, 36, 53, 54, Self.segment.count]
        for count in PhotoshopResources.prefix.count...Self.segment.count {
            #expect((PhotoshopResources(Self.segment.prefix(count)) != nil) == whole.contains(count), "\(count) bytes")
        }
    }
}
