import CLoops

/// Tiles added up by weight, row by row.
extension Ops {
    /// Adds a tile to a strip, each value weighted by its row and by its column.
    /// - Parameters:
    ///   - strip: `[channels, height, width]`
    ///   - tile: `[channels, rowWeights.count, columnWeights.count]`
    ///   - top, left: where the tile lies in the strip
    package static func addWeighted(_ tile: Tensor, to strip: inout Tensor, top: Int, left: Int, rowWeights: [Float], columnWeights: Tensor)
    {
        let height = strip.height, width = strip.width, channels = strip.channels
        precondition(
            tile.shape == [channels, rowWeights.count, columnWeights.count] && top + tile.height <= height && left + tile.width <= width,
            "tile \(tile.shape) at row \(top), column \(left) of a strip \(strip.shape)")
        strip.write { target in
            tile.read { source in
                columnWeights.read { weights in
                    Parallel.ranges(channels * tile.height, grain: 64) { rows in
                        for row in rows {
                            let (channel, y) = row.quotientAndRemainder(dividingBy: tile.height)
                            loop_add_weighted(
                                target + (channel * height + top + y) * width + left, source + row * tile.width, weights, rowWeights[y],
                                tile.width)
                        }
                    }
                }
            }
        }
    }

    /// Moves every row up by so many, over those above; zeros come from below.
    /// - Parameter x: `[channels, height, width]`
    package static func scrollUp(_ x: inout Tensor, by rows: Int) {
        let positions = x.positions, gone = rows * x.width, left = positions - gone, channels = x.channels
        precondition(gone <= positions, "\(rows) rows of \(x.shape)")
        x.write { target in
            Parallel.ranges(channels, grain: 1) {
                for plane in $0.map({ target + $0 * positions }) {
                    plane.update(from: plane + gone, count: left)
                    (plane + left).update(repeating: 0, count: gone)
                }
            }
        }
    }
}
