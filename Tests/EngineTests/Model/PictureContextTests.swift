@testable import Engine
import Testing

/// What all tiles share.
@Suite(.timeLimit(.minutes(60))) struct PictureContextTests {
    /// Tiles add up the same context at every scale as the whole picture shows.
    @Test func tilesShareTheContextOfEachScale() throws {
        let network = try ModelFolder(at: Fixtures.model("tiny-lags")).load(), restoration = Restoration(network: network)
        let photograph = EngineTestPictures.textured(width: 320, height: 288), tiling = restoration.tiling(of: photograph)
        #expect(tiling.tiles.count > 4)
        let whole = Tensor(shape: [3, 288, 320], values: photograph.planes(x: 0, y: 0, width: 320, height: 288))
        let contexts = try #require(try restoration.contexts(photograph, tiling, scales: 2))
        for (context, level) in zip(contexts, Pyramid.levels(of: whole, scales: 2)) {
            var expected = PictureContext()
            network.kernelEstimator.observe(level, counted: (0..<level.height, 0..<level.width), into: &expected)
            // Pairs across a tile's border are lost.
            for (value, reference) in zip(context.everywhere.values, expected.everywhere.values) { #expect(abs(value - reference) < 0.1) }
        }
        #expect(contexts[0].everywhere.values != contexts[1].everywhere.values)
    }
}
