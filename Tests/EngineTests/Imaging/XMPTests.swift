import Foundation
import Testing

@testable import Engine

/// What becomes wrong in an XMP packet, and what must go from it.
@Suite(.timeLimit(.minutes(60))) struct XMPTests {
    static let packet = """
        <?xpacket begin="\u{FEFF}"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>
        <rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" tiff:Orientation="6" exif:GPSLatitude="48,51.5N"
          exif:GPSLongitude='2,21.0E' dc:rights="Ada Lovelace" drone-dji:GpsLatitude = "48.85"/>
        <exif:GPSAltitude>35/1</exif:GPSAltitude><exif:GPSMapDatum/><dc:description>GPS track: by day</dc:description>
        </rdf:RDF></x:xmpmeta><?xpacket end="w"?>
        """

    private func text(_ packet: String) -> String? { XMP.withoutGPS(Data(packet.utf8)).map { String(decoding: $0, as: UTF8.self) } }

    @Test func thePlaceGoesAndTheRestStays() throws {
        let expected = """
            <?xpacket begin="\u{FEFF}"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>
            <rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" tiff:Orientation="6"
             dc:rights="Ada Lovelace"/>
            <dc:description>GPS track: by day</dc:description>
            </rdf:RDF></x:xmpmeta><?xpacket end="w"?>
            """
        let stripped = try #require(text(Self.packet))
        #expect(stripped.split { $0.isWhitespace } == expected.split { $0.isWhitespace })
        #expect(text(stripped) == stripped)
    }

    /// Nobody can tell what they hold.
    @Test(arguments: [
        "<exif:GPSLatitude>48", "<a exif:GPSLatitude=\"48", "<a exif:GPSLatitude=48", "<a xmlns:gps=\"x\" gps:Latitude=\"48\"/>",
        "<a>\0</a>",
    ])
    func whatCannotBeFollowedGoesWhole(packet: String) {
        #expect(text(packet) == nil)
    }

    @Test func otherEncodingsGoWhole() {
        #expect(XMP.withoutGPS(Data([0xFF, 0xFE, 0x3C])) == nil)
    }

    @Test(arguments: ["tiff:Orientation=\"6\"", "tiff:Orientation = '8'", "<tiff:Orientation>3</tiff:Orientation>"])
    func theOrientationBecomesUpright(property: String) {
        let upright = String(decoding: XMP.upright(Data("<a \(property) />".utf8)), as: UTF8.self)
        #expect(upright == "<a \(property) />".replacing(/[368]/, with: "1"))
    }

    @Test func everyTruncationIsSurvived() {
        let bytes = Data(Self.packet.utf8)
        for count in 0...bytes.count {
            #expect(XMP.upright(bytes.prefix(count)).count == count)
            // A name may be cut off, and be there without what it says.
            for value in ["48,5", "2,21", "48.8", "35/1"] {
                #expect(XMP.withoutGPS(bytes.prefix(count))?.range(of: Data(value.utf8)) == nil, "\(count) bytes")
            }
        }
    }
}
