import CLoops

/// Products of a picture with itself moved, summed over cells: what M's centre sees.
extension Ops {
    /// A displacement: `across` to the right, `down` (not negative) downwards.
    package struct Lag: Sendable, Equatable {
        package let across, down: Int

        package init(across: Int, down: Int) {
            (self.across, self.down) = (across, down)
        }
    }

    /// Differences to the right neighbour, then to the lower one, 0 at the last column and row.
    /// - Parameter x: `[1, height, width]`
    /// - Returns: `[2, height, width]`
    package static func forwardDifferences(_ x: Tensor) -> Tensor {
        precondition(x.channels == 1, "differences of \(x.shape)")
        return .uninitialized([2, x.height, x.width]) { target in
            x.read { loop_forward_differences(target, target + x.count, $0, x.height, x.width) }
        }
    }

    /// scale * x / (abs(x) + knee): what is far above the knee becomes nearly equal.
    package static func compressed(_ x: consuming Tensor, scale: Float, knee: Float) -> Tensor {
        let count = x.count
        x.write { loop_compress($0, $0, count, scale, knee) }
        return x
    }

    /// Sums, over square cells and all channels, of each value times the value a lag away; 0 outside.
    /// - Parameters:
    ///   - x: `[channels, height, width]`, sides multiples of `cell`
    ///   - cell: side of a cell, at most 512
    /// - Returns: `[lags, height / cell, width / cell]`
    package static func lagProducts(_ x: Tensor, lags: [Lag], cell: Int) -> Tensor {
        precondition(x.height % cell == 0 && x.width % cell == 0 && cell <= strip, "\(x.shape) in cells of \(cell)")
        let cells = x.positions / (cell * cell)
        var products = Tensor(zeros: [lags.count, x.height / cell, x.width / cell])
        products.write { target in
            x.read { source in
                Parallel.forEach(lags.count) { index in
                    for channel in 0..<x.channels {
                        loop_add_lag_products(
                            target + index * cells, source + channel * x.positions, x.height, x.width, lags[index].across, lags[index].down,
                            cell)
                    }
                }
            }
        }
        return products
    }

    /// Sums over the square of an odd side around each position, 0 outside.
    /// - Parameter x: `[channels, height, width]`
    package static func windowSums(_ x: Tensor, window: Int) -> Tensor {
        precondition(window % 2 == 1, "a window of \(window) has no middle")
        return .uninitialized(x.shape) { target in
            x.read { source in
                Parallel.ranges(x.channels, grain: 16) { channels in
                    for channel in channels {
                        loop_window_sums(target + channel * x.positions, source + channel * x.positions, x.height, x.width, window)
                    }
                }
            }
        }
    }
}
