import Foundation

/// The samples of a photograph, upright, plus everything to write it back.
package struct Photograph: Sendable, Equatable {
    package let width: Int
    package let height: Int
    package let isGray: Bool
    /// The format it was read from, and is written to unless asked otherwise.
    package let format: ImageFormat
    /// Interleaved RGB, shape [height, width, 3]; grey has one channel, shape [height, width].
    package var samples: Samples
    /// Shape [height, width], the same depth; kept, never deblurred.
    package var alpha: Samples?
    package var metadata: PhotographMetadata

    /// Bits of a sample: 8 or 16.
    package var bitDepth: Int { samples.bitDepth }
    /// Samples of a pixel: 1 (grey) or 3 (RGB).
    package var channels: Int { isGray ? 1 : 3 }

    package init(
        width: Int, height: Int, isGray: Bool, format: ImageFormat, samples: Samples, alpha: Samples? = nil,
        metadata: PhotographMetadata = PhotographMetadata()
    ) {
        let channels = isGray ? 1 : 3
        precondition(
            width > 0 && height > 0 && samples.count == width * height * channels,
            "\(samples.count) samples for [\(height), \(width), \(channels)]")
        if let alpha {
            precondition(alpha.count == width * height, "\(alpha.count) alpha samples for [\(height), \(width)]")
            precondition(alpha.bitDepth == samples.bitDepth, "alpha of \(alpha.bitDepth) bits for samples of \(samples.bitDepth)")
        }
        self.width = width
        self.height = height
        self.isGray = isGray
        self.format = format
        self.samples = samples
        self.alpha = alpha
        self.metadata = metadata
    }

    /// A part as planar RGB in 0...1, shape [3, height, width]; grey is repeated. Coordinates outside are mirrored at the edges, the edge
    /// itself twice (.. 1 0 | 0 1 2 ..), and folded again as often as a part larger than the picture needs.
    package func planes(x: Int, y: Int, width: Int, height: Int) -> [Float] {
        switch samples {
        case .eight(let samples): planes(of: samples, x: x, y: y, width: width, height: height)
        case .sixteen(let samples): planes(of: samples, x: x, y: y, width: width, height: height)
        }
    }

    /// Puts planar RGB, shape [3, height, width], back at (x, y). Values are clamped to 0...1 and rounded; grey is the mean of the three;
    /// what lies outside the picture is dropped; not-a-number is black.
    package mutating func setPlanes(_ p: [Float], x: Int, y: Int, width: Int, height: Int) {
        setPlanes(Channels(Tensor(shape: [3, height, width], values: p)), x: x, y: y)
    }

    /// - Parameter p: `[3, height, width]`
    mutating func setPlanes(_ p: Channels, x: Int, y: Int) {
        switch samples {
        case .eight(var values):
            samples = .eight([])  // so that `values` alone holds the array, and it is changed in place
            set(p, in: &values, x: x, y: y)
            samples = .eight(values)
        case .sixteen(var values):
            samples = .sixteen([])
            set(p, in: &values, x: x, y: y)
            samples = .sixteen(values)
        }
    }

    private func planes<Sample: FixedWidthInteger & UnsignedInteger>(
        of samples: [Sample], x: Int, y: Int, width: Int, height: Int
    ) -> [Float] {
        let scale = 1 / Float(Sample.max)
        let channels = self.channels
        let green = isGray ? 0 : 1, blue = isGray ? 0 : 2
        let columns = (x..<x + width).map { Self.mirror($0, count: self.width) * channels }
        let plane = width * height
        return [Float](unsafeUninitializedCapacity: 3 * plane) { result, count in
            nonisolated(unsafe) let result = result  // each core writes rows of its own
            samples.withUnsafeBufferPointer { samples in
                nonisolated(unsafe) let samples = samples  // only read
                Parallel.ranges(height, grain: Self.rowsAtOnce) { rows in
                    for row in rows {
                        let source = Self.mirror(y + row, count: self.height) * self.width * channels
                        for column in 0..<width {
                            let from = source + columns[column], to = row * width + column
                            result[to] = Float(samples[from]) * scale
                            result[to + plane] = Float(samples[from + green]) * scale
                            result[to + 2 * plane] = Float(samples[from + blue]) * scale
                        }
                    }
                }
            }
            count = 3 * plane
        }
    }

    /// Rows that are worth another core.
    private static let rowsAtOnce = 32

    private func set<Sample: FixedWidthInteger & UnsignedInteger>(_ p: Channels, in samples: inout [Sample], x: Int, y: Int) {
        let width = p.shape[2], first = max(0, -y), count = max(0, min(p.shape[1], height - y) - first)
        let columns = max(0, -x)..<max(0, -x, min(width, self.width - x)), pictureWidth = self.width, isGray = isGray
        p.read { planes in
            samples.withUnsafeMutableBufferPointer { samples in
                // Each core writes rows of its own.
                nonisolated(unsafe) let (red, green, blue, samples) = (planes[0], planes[1], planes[2], samples)
                Parallel.ranges(count, grain: Self.rowsAtOnce) { rows in
                    for row in rows.moved(by: first) {
                        for column in columns {
                            let from = row * width + column, to = (y + row) * pictureWidth + x + column
                            if isGray {
                                samples[to] = Self.quantize((red[from] + green[from] + blue[from]) / 3)
                            } else {
                                samples[3 * to] = Self.quantize(red[from])
                                samples[3 * to + 1] = Self.quantize(green[from])
                                samples[3 * to + 2] = Self.quantize(blue[from])
                            }
                        }
                    }
                }
            }
        }
    }

    private static func mirror(_ index: Int, count: Int) -> Int {
        let period = 2 * count
        let folded = (index % period + period) % period
        return folded < count ? folded : period - 1 - folded
    }

    private static func quantize<Sample: FixedWidthInteger & UnsignedInteger>(_ value: Float) -> Sample {
        let clamped = value > 0 ? min(value, 1) : 0  // false for not-a-number
        return Sample(truncatingIfNeeded: Int(clamped * Float(Sample.max) + 0.5))  // by way of Int, for which there is an instruction
    }
}
