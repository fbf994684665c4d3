import Foundation
import Testing
@testable import Engine

/// The kernels that the engine sees, from file to drawing.
@Suite(.timeLimit(.minutes(60))) struct RestorationMotionTests {
    /// The real estimator: tiled and whole agree, and what comes out is a picture.
    @Test(arguments: [("tiny", 8, 4), ("tiny-pixel", 8, 4), ("tiny-lags", 5, 3)])
    func theEngineDrawsWhatItSees(model: String, columns: Int, rows: Int) throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model(model))
        let data = try PhotographEncoder.encode(EngineTestPictures.textured(width: 90, height: 50))
        let picture = try PhotographDecoder.decode(deblurrer.motionPicture(of: data, across: 8).data)
        #expect((picture.width, picture.height, picture.format) == (90, 50, .png))
        #expect(
            try deblurrer.motionPicture(of: data, across: 8) == deblurrer.motionPicture(of: data, across: 1),
            "below the range is its lower end")

        let network = try ModelFolder(at: Fixtures.model(model)).load()
        let grid = try Restoration(network: network).motionGrid(of: EngineTestPictures.textured(width: 90, height: 50), across: 8)
        #expect((grid.columns, grid.rows) == (columns, rows))
        for kernel in grid.kernels { #expect(abs(kernel.reduce(0, +) - 1) < 1e-3) }
        #expect(throws: ImageError.self) { try deblurrer.motionPicture(of: Data([1]), across: 8) }
    }

    @Test func tilesSeeTheSameMotion() throws {
        var config = try ModelFolder(at: Fixtures.model("tiny-pixel")).load().config
        config.tile.maxPixels = 1 << 20
        let whole = try ModelFolder(at: Fixtures.model("tiny-pixel"), config: config).load()
        // Half of what tiles share is about as far as M looks around a place: windows of 5 cells of 16 pixels, then five convolutions.
        config.tile = .init(maxPixels: 1 << 14, size: 256, overlap: 128)
        let tiled = try ModelFolder(at: Fixtures.model("tiny-pixel"), config: config).load()
        // A plain half, whose tiles alone would show another picture than the whole.
        var photograph = EngineTestPictures.textured(width: 400, height: 330)
        photograph.setPlanes([Float](repeating: 0.5, count: 3 * 230 * 330), x: 0, y: 0, width: 230, height: 330)
        let one = try Restoration(network: whole).motionGrid(of: photograph, across: 8)
        let many = try Restoration(network: tiled).motionGrid(of: photograph, across: 8)
        #expect((one.columns, one.rows) == (many.columns, many.rows))
        let worst = zip(one.kernels.joined(), many.kernels.joined()).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
        // Without what the whole picture shows it is 0.019.
        #expect(worst < 0.005, "a tap differs by \(worst)")
    }
}
