import CKernels

/// A layer's matrix times its positions, then bias and activation, for all layers that `Winograd` does not compute (CKernels/product.c).
///
/// A matrix that fits a core's cache is brought into groups of rows once, and the cores share the positions; of a larger one each core takes a
/// panel of rows at a time, from memory or from disk, so that it passes by once a chunk of positions.
struct BlockProduct {
    private let weight: Weight
    private let bias: Tensor?
    private let activation: Activation
    private let outputs, depth, positions: Int

    /// Brings rows of the right factor into blocks: which of them, at which positions, to where, and how far apart the blocks lie.
    typealias Columns = (_ rows: Range<Int>, _ positions: Range<Int>, _ blocks: UnsafeMutablePointer<Float>, _ distance: Int) -> Void

    private static let block = Int(CK_BLOCK_COLUMNS), group = Int(CK_BLOCK_ROWS)
    /// Floats of the vectors that products are made of.
    static let lanes = ck_block_lanes()
    /// Floats of a matrix (4 MiB) that may pass by once a chunk of positions: a slice of its columns stays in a core's second cache.
    private static let cachedWeights = 1 << 20
    /// Positions a core takes at once of a cached matrix, and all cores together of a larger one.
    private static let ownChunk = 128...384, sharedChunk = 1024
    /// Rows of the right factor that stay in a core's first cache, and rows of the left one that share them.
    private static let slice = 256, panel = 128

    /// Whether cores share the positions, not the outputs.
    private let sharesPositions: Bool
    /// Positions that are taken at once.
    let chunk: Int

    /// - Parameters:
    ///   - weight: `[outputs, ...]`
    ///   - bias: `[outputs]`
    ///   - positions: of the result
    init(_ weight: Weight, bias: Tensor?, activation: Activation, positions: Int) {
        (self.weight, self.bias, self.activation, self.positions) = (weight, bias, activation, positions)
        outputs = weight.shape[0]
        depth = weight.count / outputs
        let share = positions / (4 * Parallel.threads)
        sharesPositions = weight.count <= Self.cachedWeights && share >= Self.ownChunk.lowerBound
        chunk = sharesPositions ? min(share / Self.block * Self.block, Self.ownChunk.upperBound) : Self.sharedChunk
    }

    private var groups: Int { (outputs + Self.group - 1) / Self.group }

    /// - Parameters:
    ///   - target: `[outputs, positions]`
    ///   - sum: what the product is added to before bias and activation, as `target`
    ///   - chunks: of positions, about `chunk` each
    ///   - grain: rows of the right factor that `columns` takes together
    func callAsFunction(_ target: UnsafeMutablePointer<Float>, sum: UnsafePointer<Float>?, chunks: [Range<Int>], grain: Int, columns: Columns) {
        defer { weight.forget() }
        func work(_ bias: UnsafePointer<Float>?) {
            let sides = Sides(target: target, sum: sum, bias: bias)
            if sharesPositions {
                byPositions(sides, chunks, columns)
            } else {
                for chunk in chunks { byOutputs(sides, chunk, grain, columns) }
            }
        }
        if let bias { bias.read(work) } else { work(nil) }
    }

    private struct Sides {
        let target: UnsafeMutablePointer<Float>
        let sum, bias: UnsafePointer<Float>?
    }

    private func byPositions(_ sides: Sides, _ chunks: [Range<Int>], _ columns: Columns) {
        Ops.withScratch(groups * Self.group * depth) { rows in
            Parallel.forEach(groups) { layOut(group: $0, 0..<depth, at: rows + $0 * Self.group * depth) }
            Parallel.forEach(chunks.count) { index in
                let chunk = chunks[index]
                Ops.withScratch(blocks(chunk) * depth * Self.block) { right in
                    columns(0..<depth, chunk, right, depth * Self.block)
                    for slice in slices {
                        multiply(sides, 0..<groups, chunk, slice, rows + slice.lowerBound * Self.group, depth * Self.group, right)
                    }
                }
                finish(sides.target, 0..<outputs, chunk)
            }
        }
    }

    private func byOutputs(_ sides: Sides, _ chunk: Range<Int>, _ grain: Int, _ columns: Columns) {
        Ops.withScratch(blocks(chunk) * depth * Self.block) { right in
            Parallel.ranges(depth, grain: grain) { columns($0, chunk, right + $0.lowerBound * Self.block, depth * Self.block) }
            let perPanel = max(1, min(Self.panel / Self.group, groups / (4 * Parallel.threads)))
            let panels = (0..<groups).pieces(of: perPanel)
            Parallel.forEach(panels.count) { index in
                let panel = panels[index]
                Ops.withScratch(panel.count * Self.group * Self.slice) { rows in
                    for slice in slices {
                        for (index, group) in panel.enumerated() { layOut(group: group, slice, at: rows + index * Self.group * slice.count) }
                        multiply(sides, panel, chunk, slice, rows, slice.count * Self.group, right)
                    }
                }
                finish(sides.target, (panel.lowerBound * Self.group)..<min(panel.upperBound * Self.group, outputs), chunk)
            }
        }
    }

    private func blocks(_ positions: Range<Int>) -> Int { (positions.count + Self.block - 1) / Self.block }

    private var slices: [Range<Int>] { (0..<depth).pieces(of: Self.slice) }

    private func layOut(group: Int, _ columns: Range<Int>, at target: UnsafeMutablePointer<Float>) {
        let rows = (group * Self.group)..<min((group + 1) * Self.group, outputs)
        weight.read(rows: rows, columns: columns) { ck_block_rows(target, $0, $1, rows.count, columns.count) }
    }

    /// One slice of the depth: groups of rows, `groupDistance` apart, by all blocks of a chunk.
    private func multiply(
        _ sides: Sides, _ groups: Range<Int>, _ chunk: Range<Int>, _ slice: Range<Int>, _ rows: UnsafePointer<Float>, _ groupDistance: Int,
        _ right: UnsafePointer<Float>
    ) {
        let first = groups.lowerBound * Self.group, place = first * positions + chunk.lowerBound, isFirst = slice.lowerBound == 0
        ck_block_products(
            BlockProduct.lanes, sides.target + place, positions, min(groups.upperBound * Self.group, outputs) - first, chunk.count, rows,
            groupDistance, right + slice.lowerBound * Self.block, depth * Self.block, slice.count,
            isFirst ? sides.sum.map { $0 + place } : UnsafePointer(sides.target + place), isFirst ? sides.bias.map { $0 + first } : nil)
    }

    /// The activation of a chunk that has just been computed.
    private func finish(_ target: UnsafeMutablePointer<Float>, _ rows: Range<Int>, _ chunk: Range<Int>) {
        if activation == .identity { return }
        for row in rows { ck_bias_activation(target + row * positions + chunk.lowerBound, chunk.count, 0, activation.code) }
    }
}
