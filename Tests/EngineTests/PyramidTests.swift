@testable import Engine
import Testing

@Suite(.timeLimit(.minutes(60))) struct PyramidTests {
    @Test func levelsAreMeansOfSquares() {
        var numbers = Numbers(seed: 41)
        let image = numbers.tensor([3, 32, 48]), levels = Pyramid.levels(of: image, scales: 3)
        #expect(levels.map(\.shape) == [[3, 32, 48], [3, 16, 24], [3, 8, 12]])
        #expect(levels[0].values == image.values)
        // Channel 1, row 1, column 2 of the smallest.
        var sum: Float = 0
        for row in 4..<8 { for column in 8..<12 { sum += image.values[(32 + row) * 48 + column] } }
        #expect(abs(levels[2].values[(8 + 1) * 12 + 2] - sum / 16) < 1e-6)
    }

    /// A coarse picture that is the picture's own changes nothing; one that is brighter by a constant moves all of it by that.
    @Test func theGuessTakesOnlyTheChange() {
        var numbers = Numbers(seed: 42)
        let image = numbers.tensor([3, 32, 48]), half = Ops.meanPool(image, by: 2)
        func difference(_ guess: Tensor, _ shift: Float) -> Float {
            zip(guess.values, image.values).reduce(0) { max($0, abs($1.0 - $1.1 - shift)) }
        }
        #expect(difference(Pyramid.guess(image, half), 0) < 1e-6)
        #expect(difference(Pyramid.guess(image, Ops.affine(half, scale: 1, shift: 0.25)), 0.25) < 1e-5)
    }

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

    /// What the smaller scale became reaches the result, and only through the change.
    @Test func theSmallerScaleIsHeard() throws {
        let network = try ModelFolder(at: Fixtures.model("tiny-lags")).load(), solution = OneStepSolution(network: network)
        var numbers = Numbers(seed: 43)
        let image = Ops.clamped(numbers.tensor([3, 64, 96]), low: 0, high: 1)
        func restored(_ halfInput: (Tensor) -> Tensor) throws -> [Float] {
            var inputs = solution.kernelInputs(of: image, scales: 2, projecting: true) { _, _ in }
            #expect(inputs.count == 2)
            inputs[1] = halfInput(inputs[1])
            return try solution.restored(image, kernelInputs: inputs, timestep: 123) { _ in }.values
        }
        let same = try restored { $0 }, other = try restored { Ops.affine($0, scale: 8, shift: 1) }
        #expect(same == (try restored { $0 }))
        let most = zip(same, other).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(most > 1e-4, "\(most)")
    }

    /// Each scale is a quarter of the one before, and encodes once more but for the smallest.
    @Test func scalesAreCounted() throws {
        let network = try ModelFolder(at: Fixtures.model("tiny-lags")).load(), views = network.config.views
        let counts = Dictionary(uniqueKeysWithValues: network.multiplyAdds(width: 512, height: 512))
        let whole = network.viewMultiplyAdds(pixels: 512 * 512, guessed: true),
            half = network.viewMultiplyAdds(pixels: 256 * 256, guessed: false)
        #expect(counts["unet"] == views * (whole.unet + half.unet) && counts["controlnet"] == views * (whole.controlnet + half.controlnet))
        #expect(counts["vae"] == views * (whole.autoencoder + half.autoencoder) && whole.autoencoder == 6 * half.autoencoder)
        #expect(
            counts["kernel_estimator"] == network.kernelEstimator.multiplyAdds(512 * 512) + network.kernelEstimator.multiplyAdds(256 * 256))
    }
}
