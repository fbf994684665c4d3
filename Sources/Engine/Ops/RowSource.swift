import CLoops

/// A picture whose rows are made when a convolution reads them, so that they stay in a core's cache and the whole of it is never in memory.
package struct RowSource {
    /// Writes rows of every channel.
    /// - Parameters:
    ///   - target: where the first channel's first row goes; a channel's rows follow each other
    ///   - distance: floats from one channel to the next
    typealias Fill = (_ rows: Range<Int>, _ target: UnsafeMutablePointer<Float>, _ distance: Int) -> Void

    let channels, height, width: Int
    /// What comes before the first row, such as the statistics of a normalisation.
    let prepared: () -> Fill
    /// The same picture as a tensor, for readers that need it whole.
    private let whole: (() -> Tensor)?

    /// - Parameter whole: where there is a better way than by rows
    init(channels: Int, height: Int, width: Int, prepared: @escaping () -> Fill, whole: (() -> Tensor)? = nil) {
        (self.channels, self.height, self.width) = (channels, height, width)
        (self.prepared, self.whole) = (prepared, whole)
    }

    /// `[channels, height, width]`
    package func tensor() -> Tensor {
        if let whole { return whole() }
        let fill = prepared()
        return .uninitialized([channels, height, width]) { target in
            Parallel.ranges(height, grain: 1) { fill($0, target + $0.lowerBound * width, height * width) }
        }
    }

    /// Rows of what is there, brought together as they are read.
    package init(_ x: Channels) {
        self.init(channels: x.count, height: x.shape[1], width: x.shape[2]) {
            { rows, target, distance in
                let width = x.shape[2]
                x.read { places in
                    for (channel, place) in places.enumerated() {
                        (target + channel * distance).update(from: place + rows.lowerBound * width, count: rows.count * width)
                    }
                }
            }
        } whole: {
            x.tensor
        }
    }
}

extension Ops {
    /// `groupNorm` of a picture, made as its rows are read.
    package static func groupNormRows(
        _ x: Channels, groups: Int, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .identity
    ) -> RowSource {
        let width = x.shape[2]
        return RowSource(channels: x.count, height: x.shape[1], width: width) {
            let lines = groupNormLines(x, groups: groups, weight: weight, bias: bias, epsilon: epsilon)
            return { rows, target, distance in
                x.read { places in
                    for (channel, line) in lines.enumerated() {
                        loop_scale_shift(
                            target + channel * distance, places[channel] + rows.lowerBound * width, rows.count * width, line.scale,
                            line.shift,
                            activation.code)
                    }
                }
            }
        } whole: {
            groupNorm(x, groups: groups, weight: weight, bias: bias, epsilon: epsilon, activation: activation)
        }
    }

    /// `pixelNorm` of a picture, made as its rows are read.
    package static func pixelNormRows(_ x: Channels, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation = .identity)
        -> RowSource
    {
        let width = x.shape[2]
        return RowSource(channels: x.count, height: x.shape[1], width: width) {
            { rows, target, distance in
                normalizePixels(
                    x, (rows.lowerBound * width)..<(rows.upperBound * width), weight: weight, bias: bias, epsilon: epsilon,
                    activation: activation,
                    into: target, distance: distance)
            }
        } whole: {
            pixelNorm(x, weight: weight, bias: bias, epsilon: epsilon, activation: activation)
        }
    }

    /// `[c, h, w]` to `[c, 2 h, 2 w]`, each sample repeated, made as its rows are read.
    package static func nearestX2Rows(_ x: Tensor) -> RowSource {
        RowSource(channels: x.channels, height: 2 * x.height, width: 2 * x.width) {
            { rows, target, distance in
                x.read { source in
                    for channel in 0..<x.channels {
                        var row = target + channel * distance
                        for y in rows {
                            loop_repeat_twice(row, source + channel * x.positions + y / 2 * x.width, x.width)
                            row += 2 * x.width
                        }
                    }
                }
            }
        }
    }
}
