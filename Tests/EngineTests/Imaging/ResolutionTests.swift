import Foundation
import Testing

@testable import Engine

/// How densely a picture is to be printed, from one format's terms to the other's.
@Suite(.timeLimit(.minutes(60))) struct ResolutionTests {
    @Test(arguments: [(300, 300), (72, 72), (600, 300)]) func inchesComeBackFromMetres(x: Int, y: Int) throws {
        let resolution = try #require(Resolution(.inch, x: x, y: y)), phys = try #require(resolution.phys)
        let again = try #require(Resolution(phys: phys)), jfif = try #require(again.jfif)
        #expect(again.unit == .metre && (jfif.unit, jfif.x, jfif.y) == (1, x, y))
    }

    @Test func eachFormatKeepsItsOwn() throws {
        let phys = PNGChunk.bigEndian(11811) + PNGChunk.bigEndian(5905) + [1]
        #expect(Resolution(phys: phys)?.phys == phys)
        let shape = try #require(Resolution(.none, x: 4, y: 3)), jfif = try #require(shape.jfif)
        #expect((jfif.unit, jfif.x, jfif.y) == (0, 4, 3) && shape.phys == PNGChunk.bigEndian(4) + PNGChunk.bigEndian(3) + [0])
        #expect(Resolution(.centimetre, x: 118, y: 118)?.phys == PNGChunk.bigEndian(11800) + PNGChunk.bigEndian(11800) + [1])
        #expect(shape.turned == Resolution(.none, x: 3, y: 4))
    }

    @Test func whatSaysNothingOrDoesNotFitIsNone() {
        #expect(Resolution(.none, x: 1, y: 1) == nil && Resolution(.inch, x: 0, y: 300) == nil)
        #expect(Resolution(.none, x: 70_000, y: 1)?.jfif == nil)
        #expect(Resolution(phys: Data(repeating: 1, count: 8)) == nil && Resolution(phys: Data([0, 0, 0, 1, 0, 0, 0, 1, 2])) == nil)
    }
}
