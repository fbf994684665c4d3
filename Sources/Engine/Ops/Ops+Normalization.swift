import CKernels

extension Ops {
    /// Group normalisation over whole planes, then weight, bias and activation of each channel.
    /// - Parameters:
    ///   - x: `[channels, ...]`; channels are a multiple of `groups`
    ///   - weight: `[channels]`, as `bias`
    package static func groupNorm(_ x: Tensor, groups: Int, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .identity) -> Tensor {
        let channels = x.channels, positions = x.positions
        precondition(channels % groups == 0 && weight.count == channels && bias.count == channels, "group norm \(weight.shape) got \(x.shape)")
        let perGroup = channels / groups
        return .uninitialized(x.shape) { target in
            x.read { source in
                Parallel.forEach(groups) { group in
                    let first = group * perGroup
                    var mean: Float = 0, variance: Float = 0
                    ck_mean_variance(source + first * positions, perGroup * positions, &mean, &variance)
                    let factor = 1 / (variance + epsilon).squareRoot()
                    for channel in first..<(first + perGroup) {
                        let scale = factor * weight.values[channel]
                        ck_scale_shift(
                            target + channel * positions, source + channel * positions, positions, scale,
                            bias.values[channel] - mean * scale, activation.code)
                    }
                }
            }
        }
    }

    /// Normalisation of each position over its channels (layer normalisation of tokens), then weight, bias and activation.
    /// - Parameters:
    ///   - x: `[channels, ...]`
    ///   - weight: `[channels]`, as `bias`
    package static func pixelNorm(_ x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .identity) -> Tensor {
        let channels = x.channels, positions = x.positions
        precondition(weight.count == channels && bias.count == channels, "pixel norm \(weight.shape) got \(x.shape)")
        return .uninitialized(x.shape) { target in
            x.read { source in
                weight.read { weight in
                    bias.read { bias in
                        Parallel.ranges(positions, grain: strip) { range in
                            forEachStrip(range) { first, count in
                                ck_pixel_norm(target + first, source + first, channels, positions, count, weight, bias, epsilon, activation.code)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Positions that the kernels over channels take at once.
    static let strip = Int(CK_STRIP)

    static func forEachStrip(_ range: Range<Int>, _ body: (_ first: Int, _ count: Int) -> Void) {
        for first in stride(from: range.lowerBound, to: range.upperBound, by: strip) {
            body(first, min(strip, range.upperBound - first))
        }
    }
}
