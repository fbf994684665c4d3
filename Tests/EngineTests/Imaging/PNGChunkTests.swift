import Foundation
import Testing

@testable import Engine

/// The parts of a PNG.
@Suite(.timeLimit(.minutes(60))) struct PNGChunkTests {
    /// As another writer has them, and as the specification's example: the check sum of IEND.
    @Test func aChunkIsWrittenAsOthersDo() {
        #expect(PNGChunk("tEXt", Data("Title\0x".utf8)).bytes == PNGBuilder.chunk("tEXt", Data("Title\0x".utf8)))
        #expect(PNGChunk("IEND", Data()).bytes == Data([0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]))
        #expect(PNGChunk("IDAT", Data()).isCritical && !PNGChunk("tRNS", Data()).isCritical)
    }

    @Test func xmpIsATextOfItsOwn() {
        let chunk = PNGChunk(xmp: Data("<x/>".utf8))
        #expect(chunk.content == Data("XML:com.adobe.xmp\0\0\0\0\0<x/>".utf8) && chunk.xmp == Data("<x/>".utf8))
        #expect(PNGChunk("iTXt", Data("XML:com.adobe.xmp\0\0\0en\0translated\0<y/>".utf8)).xmp == Data("<y/>".utf8))
        let compressed = PNGChunk("iTXt", Data("XML:com.adobe.xmp\0\u{1}\0\0\0<x/>".utf8))
        #expect(compressed.xmp == nil && compressed.mayHoldPlace)
        #expect(PNGChunk("iTXt", Data("Title\0\0\0\0\0<x/>".utf8)).xmp == nil)
    }

    @Test(arguments: [
        ("Title", false), ("exif:GPSLatitude", true), ("Raw profile type exif", true), ("Raw profile type iptc", false),
        ("Raw profile type APP1", true),
    ])
    func aKeywordTellsOfAPlace(keyword: String, mayHold: Bool) {
        #expect(PNGChunk("tEXt", Data((keyword + "\0GPS").utf8)).mayHoldPlace == mayHold)
    }
}
