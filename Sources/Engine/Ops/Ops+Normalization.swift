import CLoops

/// Group norm, and the norm of each position over its channels.
extension Ops {
    /// Group normalisation over whole planes, then weight, bias and activation of each channel.
    /// - Parameters:
    ///   - x: as many channels as weights, a multiple of `groups`
    ///   - weight: `[channels]`, as `bias`
    package static func groupNorm(
        _ x: Channels, groups: Int, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .identity
    ) -> Tensor {
        let positions = x.positions, perGroup = channelsOfGroup(x, groups, weight, bias)
        return .uninitialized(x.shape) { target in
            x.read { places in
                Parallel.forEach(groups) { group in
                    let channels = (group * perGroup)..<((group + 1) * perGroup)
                    let lines = groupNormLines(places[channels], x.positions, weight: weight, bias: bias, epsilon: epsilon)
                    for (channel, line) in zip(channels, lines) {
                        loop_scale_shift(target + channel * positions, places[channel], positions, line.scale, line.shift, activation.code)
                    }
                }
            }
        }
    }

    /// What a channel's values are multiplied with, and what is added then.
    typealias Line = (scale: Float, shift: Float)

    /// Group normalisation's line of every channel.
    static func groupNormLines(_ x: Channels, groups: Int, weight: Tensor, bias: Tensor, epsilon: Float) -> [Line] {
        let perGroup = channelsOfGroup(x, groups, weight, bias)
        return [Line](unsafeUninitializedCapacity: x.count) { lines, count in
            nonisolated(unsafe) let lines = lines  // each group writes its own
            x.read { places in
                Parallel.forEach(groups) { group in
                    let channels = (group * perGroup)..<((group + 1) * perGroup)
                    let own = groupNormLines(places[channels], x.positions, weight: weight, bias: bias, epsilon: epsilon)
                    for (channel, line) in zip(channels, own) { lines.initializeElement(at: channel, to: line) }
                }
            }
            count = x.count
        }
    }

    private static func channelsOfGroup(_ x: Channels, _ groups: Int, _ weight: Tensor, _ bias: Tensor) -> Int {
        precondition(x.count % groups == 0 && weight.count == x.count && bias.count == x.count, "group norm \(weight.shape) got \(x.shape)")
        return x.count / groups
    }

    /// The lines of one group's channels, by whose numbers their places are found.
    private static func groupNormLines(
        _ places: ArraySlice<UnsafePointer<Float>>, _ positions: Int, weight: Tensor, bias: Tensor, epsilon: Float
    ) -> [Line] {
        var mean: Float = 0, variance: Float = 0
        loop_mean_variance(places.map(Optional.init), places.count, positions, &mean, &variance)
        let factor = 1 / (variance + epsilon).squareRoot()
        return places.indices.map { channel in
            let scale = factor * weight.values[channel]
            return (scale, bias.values[channel] - mean * scale)
        }
    }

    /// Normalisation of each position over its channels (layer normalisation of tokens), then weight, bias and activation.
    /// - Parameters:
    ///   - x: as many channels as weights
    ///   - weight: `[channels]`, as `bias`
    package static func pixelNorm(_ x: Channels, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .identity) -> Tensor
    {
        let positions = x.positions
        return .uninitialized(x.shape) { target in
            Parallel.ranges(positions, grain: strip) { range in
                normalizePixels(
                    x, range, weight: weight, bias: bias, epsilon: epsilon, activation: activation, into: target + range.lowerBound,
                    distance: positions)
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
                        loop_pixel_norm(
                            target + (first - range.lowerBound), distance, places, first, x.count, count, weight, bias, epsilon,
                            activation.code)
                    }
                }
            }
        }
    }

    /// Positions that the loops over channels take at once.
    static let strip = Int(LOOP_STRIP)

    static func forEachStrip(_ range: Range<Int>, _ body: (_ first: Int, _ count: Int) -> Void) {
        for first in stride(from: range.lowerBound, to: range.upperBound, by: strip) {
            body(first, min(strip, range.upperBound - first))
        }
    }
}
