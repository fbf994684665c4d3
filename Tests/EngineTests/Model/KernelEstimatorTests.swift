@testable import Engine
import Testing

/// M over tiles and scales.
@Suite(.timeLimit(.minutes(60))) struct KernelEstimatorTests {
    /// T judges the maps of all tiles at every scale much as it judges those of the picture in one piece, and would say otherwise without
    /// the half.
    @Test func tilesAreJudgedAtEachScale() throws {
        let network = try ModelFolder(at: Fixtures.model("tiny-lags")).load(), restoration = Restoration(network: network)
        let photograph = EngineTestPictures.textured(width: 320, height: 288)
        let whole = Tensor(shape: [3, 288, 320], values: photograph.planes(x: 0, y: 0, width: 320, height: 288))
        let value = try restoration.restore(whole).prediction.value
        #expect(try abs(restoration.timestep(of: photograph) - TimestepPredictor.timestep(ofValue: value)) <= 5)

        var pools = network.kernelPools(width: 320, height: 288)
        _ = OneStepSolution(network: network).kernelInputs(of: whole, scales: 1, projecting: false) { scale, band in
            pools[scale].add(band.kernels, top: band.rows.lowerBound, left: 0, counted: (0..<18, 0..<20))
        }
        #expect(abs(network.timestepPredictor(pools) - value) > 0.05)
    }
}
