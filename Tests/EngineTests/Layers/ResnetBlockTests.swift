import LoopReference
import Testing
@testable import Engine

/// Two convolutions around the time, and a shortcut.
@Suite(.timeLimit(.minutes(60))) struct ResnetBlockTests {
    private func reference(_ w: LayerWeights, _ x: Tensor, time: Tensor?) -> Tensor {
        func norm(_ x: Tensor, _ name: String) -> Tensor {
            Reference.pixelNorm(x, weight: w["\(name).weight"], bias: w["\(name).bias"], epsilon: 1e-5, activation: .silu)
        }
        var bias = w["conv1.bias"]
        if let time {
            let offset = Reference.linear(time, weight: w["time_emb_proj.weight"], bias: w["time_emb_proj.bias"])
            bias = Reference.sum(bias, offset.reshaped(bias.shape))
        }
        let h = Reference.convolution(norm(x, "norm1"), weight: w["conv1.weight"], bias: bias, padding: Padding(all: 1))
        let shortcut =
            w.names.contains("conv_shortcut.weight")
            ? Reference.linear(x, weight: w["conv_shortcut.weight"], bias: w["conv_shortcut.bias"]) : x
        return Reference.convolution(
            norm(h, "norm2"), weight: w["conv2.weight"], bias: w["conv2.bias"], padding: Padding(all: 1), addedTo: shortcut)
    }

    @Test(arguments: [(4, 4, true), (4, 6, true), (6, 6, false)])
    func agreesWithTheDefinition(inputs: Int, outputs: Int, knowsTime: Bool) throws {
        let (block, w) = try LayerWeights.layer(seed: 1) {
            ResnetBlock($0, inputs, outputs, timeChannels: knowsTime ? 8 : nil, norm: .pixel, epsilon: 1e-5)
        }
        #expect(w.names.contains("conv_shortcut.weight") == (inputs != outputs))
        var numbers = Numbers(seed: 2)
        let x = numbers.tensor([inputs, 6, 9]), time = knowsTime ? numbers.tensor([8, 1]) : nil
        let expected = reference(w, x, time: time)
        expectClose(block(x, time: time), expected, tolerance: 1e-5, "copied")
        expectClose(block(x, time: time, inPlace: true), expected, tolerance: 1e-5, "in place")
    }
}
