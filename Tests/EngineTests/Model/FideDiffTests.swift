@testable import Engine
import Testing

/// The whole network and its cost.
@Suite(.timeLimit(.minutes(60))) struct FideDiffTests {
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
