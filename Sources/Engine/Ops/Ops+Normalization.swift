import CKernels

extension Ops {
    /// Group normalisation over whole planes, then weight, bias and activation of each channel.
    /// - Parameters:
    ///   - x: as many channels as weights, a multiple of `groups`
    ///   - weight: `[channels]`, as `bias`
    package static func groupNorm(_ x: Channels, groups: Int, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .identity) -> Tensor {
        let positions = x.positions, perGroup = x.count / groups
        return .uninitialized(x.shape) { target in
            x.read { places in
                Parallel.forEach(groups) { group in
                    for (channel, line) in groupNormLines(x, group, of: groups, weight: weight, bias: bias, epsilon: epsilon).enumerated() {
                        let channel = group * perGroup + channel
                        ck_scale_shift(target + channel * positions, places[channel], positions, line.scale, line.shift, activation.code)
                    }
                }
            }
        }
    }

    /// What a channel's values are multiplied with, and what is added then.
    typealias Line = (scale: Float, shift: Float)

    /// Group normalisation's line of every channel.
    static func groupNormLines(_ x: Channels, groups: Int, weight: Tensor, bias: Tensor, epsilon: Float) -> [Line] {
        let perGroup = x.count / groups
        return [Line](unsafeUninitializedCapacity: x.count) { lines, count in
            nonisolated(unsafe) let lines = lines // each group writes its own
            Parallel.forEach(groups) { group in
                for (channel, line) in groupNormLines(x, group, of: groups, weight: weight, bias: bias, epsilon: epsilon).enumerated() {
                    lines.initializeElement(at: group * perGroup + channel, to: line)
                }
            }
            count = x.count
        }
    }

    private static func groupNormLines(_ x: Channels, _ group: Int, of groups: Int, weight: Tensor, bias: Tensor, epsilon: Float) -> [Line] {
        let channels = x.count, perGroup = channels / groups, first = group * perGroup
        precondition(channels % groups == 0 && weight.count == channels && bias.count == channels, "group norm \(weight.shape) got \(x.shape)")
        var mean: Float = 0, variance: Float = 0
        x.read { places in
            let own = places[first..<(first + perGroup)].map(Optional.init)
            ck_mean_variance(own, perGroup, x.positions, &mean, &variance)
        }
        let factor = 1 / (variance + epsilon).squareRoot()
        return (first..<(first + perGroup)).map { channel in
            let scale = factor * weight.values[channel]
            return (scale, bias.values[channel] - mean * scale)
        }
    }

    /// Normalisation of each position over its channels (layer normalisation of tokens), then weight, bias and activation.
    /// - Parameters:
    ///   - x: as many channels as weights
    ///   - weight: `[channels]`, as `bias`
    package static func pixelNorm(_ x: Channels, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .identity) -> Tensor {
        let positions = x.positions
        return .uninitialized(x.shape) { target in
            Parallel.ranges(positions, grain: strip) { range in
                normalizePixels(
                    x, range, weight: weight, bias: bias, epsilon: epsilon, activation: activation, into: target + range.lowerBound, distance: positions)
            }
        }
    }

    /// `pixelNorm` of some positions, on one core.
    /// - Parameters:
    ///   - target: of the first of them in the first channel
    ///   - distance: floats from one channel of the target to the next
    static func normalizePixels(
        _ x: Channels, _ range: Range<Int>, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation,
        into target: UnsafeMutablePointer<Float>, distance: Int
    ) {
        precondition(weight.count == x.count && bias.count == x.count, "pixel norm \(weight.shape) got \(x.shape)")
        x.read { places in
            let places = places.map(Optional.init)
            weight.read { weight in
                bias.read { bias in
                    forEachStrip(range) { first, count in
                        ck_pixel_norm(
                            target + (first - range.lowerBound), distance, places, first, x.count, count, weight, bias, epsilon, activation.code)
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
