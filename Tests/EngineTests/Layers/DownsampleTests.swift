import LoopReference
import Testing
@testable import Engine

/// Half the size by a convolution of stride 2.
@Suite(.timeLimit(.minutes(60))) struct DownsampleTests {
    /// The two borders see different pixels: the UNet's even sizes begin with a zero, the autoencoder's with the first pixel.
    @Test(arguments: [Downsample.Border.symmetric, .behind]) func bordersAreToldApart(border: Downsample.Border) throws {
        let (layer, weights) = try LayerWeights.layer(seed: 1) { Downsample($0, 3, border) }
        var numbers = Numbers(seed: 2)
        let x = numbers.tensor([3, 8, 6])
        let padding = border == .symmetric ? Padding(all: 1) : Padding(top: 0, left: 0, bottom: 1, right: 1)
        let expected = Reference.convolution(x, weight: weights["conv.weight"], bias: weights["conv.bias"], stride: 2, padding: padding)
        #expect(expected.shape == [3, 4, 3])
        expectClose(layer(x), expected, "\(border)")
        #expect(layer.multiplyAdds(48) == 12 * 3 * 3 * 9)
    }
}
