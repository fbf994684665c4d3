import CLoops

/// Other sizes of a picture: means of squares, bicubic enlargement, pixels to channels and back.
extension Ops {
    /// `[c, h, w]` to `[c r r, h / r, w / r]`, channel c r r + dy r + dx (PyTorch's order).
    package static func pixelUnshuffle(_ x: Tensor, by r: Int) -> Tensor {
        precondition(x.height % r == 0 && x.width % r == 0, "\(x.shape) is no multiple of \(r)")
        return planes(of: x, to: [x.channels * r * r, x.height / r, x.width / r], count: x.channels, by: r, loop_pixel_unshuffle)
    }

    /// `[c r r, h, w]` to `[c, h r, w r]`.
    package static func pixelShuffle(_ x: Tensor, by r: Int) -> Tensor {
        precondition(x.channels % (r * r) == 0, "\(x.shape) cannot be shuffled by \(r)")
        return planes(of: x, to: [x.channels / (r * r), x.height * r, x.width * r], count: x.channels / (r * r), by: r, loop_pixel_shuffle)
    }

    /// `[c, h, w]` to `[c, 2 h, 2 w]` by cubic convolution, a = -0.75, half-pixel centres, edges repeated.
    package static func bicubicX2(_ x: Tensor) -> Tensor {
        planes(of: x, to: [x.channels, x.height * 2, x.width * 2], count: x.channels, by: 2) { out, x, h, w, _ in
            loop_bicubic_x2(out, x, h, w)
        }
    }

    /// `[c, h, w]` to `[c, h / r, w / r]`, means of r x r squares.
    package static func meanPool(_ x: Tensor, by r: Int) -> Tensor {
        precondition(x.height % r == 0 && x.width % r == 0, "\(x.shape) is no multiple of \(r)")
        return planes(of: x, to: [x.channels, x.height / r, x.width / r], count: x.channels, by: r, loop_mean_pool)
    }

    /// `[c, h, w]` to `[c, h r, w r]`, each sample r x r times.
    package static func repeated(_ x: Tensor, by r: Int) -> Tensor {
        planes(of: x, to: [x.channels, x.height * r, x.width * r], count: x.channels, by: r, loop_repeat)
    }

    /// Sum over a rectangle of each channel.
    /// - Parameter x: `[channels, height, width]`
    package static func rectangleSums(_ x: Tensor, rows: Range<Int>, columns: Range<Int>) -> [Double] {
        precondition(rows.upperBound <= x.height && columns.upperBound <= x.width, "rectangle \(rows) x \(columns) of \(x.shape)")
        let first = rows.lowerBound * x.width + columns.lowerBound
        return [Double](unsafeUninitializedCapacity: x.channels) { sums, initialized in
            x.read { source in
                Parallel.ranges(x.channels, grain: 16) { channels in
                    for channel in channels {
                        sums[channel] = loop_rectangle_sum(source + channel * x.positions + first, x.width, rows.count, columns.count)
                    }
                }
            }
            initialized = x.channels
        }
    }

    /// Bands of rows put under each other.
    /// - Parameter bands: each `[channels, its rows, width]`
    package static func stackedRows(_ bands: [Tensor]) -> Tensor {
        guard let first = bands.first else { preconditionFailure("no bands to stack") }
        precondition(bands.allSatisfy { $0.channels == first.channels && $0.width == first.width }, "bands \(bands.map(\.shape))")
        let height = bands.reduce(0) { $0 + $1.height }
        return .uninitialized([first.channels, height, first.width]) { target in
            Parallel.ranges(first.channels, grain: 8) { channels in
                var row = 0
                for band in bands {
                    band.read { source in
                        for channel in channels {
                            (target + (channel * height + row) * band.width).update(
                                from: source + channel * band.positions, count: band.positions)
                        }
                    }
                    row += band.height
                }
            }
        }
    }

    private typealias PlaneLoop = (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Int, Int) -> Void

    /// Cuts `x` and the result into `count` equal parts and runs the loop on each.
    private static func planes(of x: Tensor, to shape: [Int], count: Int, by r: Int, _ loop: PlaneLoop) -> Tensor {
        let sourceStride = x.count / count, targetStride = shape.reduce(1, *) / count
        return .uninitialized(shape) { target in
            x.read { source in
                Parallel.forEach(count) { loop(target + $0 * targetStride, source + $0 * sourceStride, x.height, x.width, r) }
            }
        }
    }
}
