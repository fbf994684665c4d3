/// Pictures, and the taps of kernels, turned and mirrored.
extension Ops {
    /// Every channel turned: what `orientation` says of stored rows and the upright picture.
    /// - Parameter x: `[channels, height, width]`
    /// - Returns: `[channels, height, width]` or `[channels, width, height]`
    static func turned(_ x: Tensor, _ orientation: Orientation) -> Tensor {
        if orientation == .up { return x }
        let (height, width, positions) = (x.height, x.width, x.positions)
        let upright = orientation.uprightSize(width: width, height: height)
        return .uninitialized([x.channels, upright.height, upright.width]) { target in
            x.read { source in
                Parallel.ranges(x.channels * height, grain: 64) { rows in
                    for row in rows {
                        let placement = orientation.placement(ofRow: row % height, width: width, height: height)
                        let from = source + row * width, to = target + row / height * positions + placement.start
                        for column in 0..<width { to[column * placement.step] = from[column] }
                    }
                }
            }
        }
    }

    /// The kernels of the turned picture, still at the places of the one that is not: `turned` puts them right.
    /// - Parameter kernels: `[taps, height, width]`, of a square of taps
    static func turnedTaps(_ kernels: Tensor, _ orientation: Orientation) -> Tensor {
        if orientation == .up { return kernels }
        let side = Int(Double(kernels.channels).squareRoot()), positions = kernels.positions
        return .uninitialized(kernels.shape) { target in
            kernels.read { source in
                for row in 0..<side {
                    let placement = orientation.placement(ofRow: row, width: side, height: side)
                    for column in 0..<side {
                        let tap = placement.start + column * placement.step
                        (target + tap * positions).update(from: source + (row * side + column) * positions, count: positions)
                    }
                }
            }
        }
    }
}
