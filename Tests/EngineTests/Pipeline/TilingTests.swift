@testable import Engine
import Testing

@Suite(.timeLimit(.minutes(60))) struct TilingTests {
    @Test func smallPicturesAreOnePiece() throws {
        let config = try ModelConfig(at: Fixtures.model("tiny-pixel"))  // at most 16384 pixels
        #expect(Tiling(width: 128, height: 128, config: config).isWhole)
        #expect(Tiling(width: 1024, height: 16, config: config).tiles.count == 1)
        let large = Tiling(width: 144, height: 128, config: config)
        #expect(!large.isWhole && large.tiles.count == 2)
    }
}
