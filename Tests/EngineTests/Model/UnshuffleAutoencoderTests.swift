import LoopReference
import Testing
@testable import Engine

/// Squares of pixels as channels, and back.
@Suite(.timeLimit(.minutes(60))) struct UnshuffleAutoencoderTests {
    @Test func agreesWithTheDefinition() throws {
        let config = try ModelFolder(at: Fixtures.model("tiny-pixel")).config
        guard case .unshuffle(let sizes) = config.vae else {
            Issue.record("tiny-pixel has another autoencoder")
            return
        }
        let (coder, w) = try LayerWeights.layer(seed: 1) { UnshuffleAutoencoder($0, sizes) }
        func conv(_ x: Tensor, _ name: String) -> Tensor {
            Reference.convolution(x, weight: w["\(name).conv.weight"], bias: w["\(name).conv.bias"], padding: Padding(all: 1))
        }
        var numbers = Numbers(seed: 2)
        let x = numbers.tensor([3, 4 * sizes.factor, 3 * sizes.factor])
        let z = conv(Reference.pixelUnshuffle(x, by: sizes.factor), "encoder")
        #expect(z.shape == [sizes.latentChannels, 4, 3])
        expectClose(coder.encode(x), z, "encode")
        expectClose(coder.decode(z), Reference.pixelShuffle(conv(z, "decoder"), by: sizes.factor), tolerance: 1e-5, "decode")
    }
}
