import Engine

extension Reference {
    package static func linear(
        _ x: Tensor, weight: Tensor, bias: Tensor? = nil, activation: Activation = .identity, addedTo accumulator: Tensor? = nil
    ) -> Tensor {
        .matrix([weight.shape[0]] + x.shape.dropFirst()) { o, p in
            var sum = Double(bias?.values[o] ?? 0) + (accumulator?.cell(o, p) ?? 0)
            for i in 0..<x.channels { sum += Double(weight.values[o * x.channels + i]) * x.cell(i, p) }
            return apply(activation, sum)
        }
    }

    package static func convolution(
        _ x: Tensor, weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Padding, activation: Activation = .identity,
        addedTo accumulator: Tensor? = nil
    ) -> Tensor {
        let k = weight.shape[2]
        let height = (x.height + padding.top + padding.bottom - k) / stride + 1
        let width = (x.width + padding.left + padding.right - k) / stride + 1
        return .picture([weight.shape[0], height, width]) { o, oy, ox in
            var sum = Double(bias?.values[o] ?? 0) + (accumulator?.at(o, oy, ox) ?? 0)
            for i in 0..<x.channels {
                for ky in 0..<k {
                    for kx in 0..<k {
                        sum +=
                            Double(weight.values[((o * x.channels + i) * k + ky) * k + kx])
                            * x.at(i, oy * stride + ky - padding.top, ox * stride + kx - padding.left)
                    }
                }
            }
            return apply(activation, sum)
        }
    }

    package static func transposedConvolution2x2(_ x: Tensor, weight: Tensor, bias: Tensor, activation: Activation = .identity) -> Tensor {
        let outputs = weight.shape[1]
        return .picture([outputs, 2 * x.height, 2 * x.width]) { o, y, column in
            var sum = Double(bias.values[o])
            for i in 0..<x.channels {
                sum += Double(weight.values[((i * outputs + o) * 2 + y % 2) * 2 + column % 2]) * x.at(i, y / 2, column / 2)
            }
            return apply(activation, sum)
        }
    }
}
