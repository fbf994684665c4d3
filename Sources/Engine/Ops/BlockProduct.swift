import CLoops

/// A layer's matrix times its positions, then bias and activation, for all layers that `Winograd` does not compute (CLoops/product.c).
///
/// A matrix that fits a core's cache is brought into groups of rows once, and the cores share the positions; of a larger one each core
/// takes a panel of rows at a time, from memory or from disk, so that it passes by once a chunk of positions.
struct BlockProduct {
    /// What becomes of a sum when it is complete.
    enum Ending {
        case activation(Activation)
        /// GEGLU: the matrix has twice as many rows as the result, and each value of the first half is multiplied with GELU of its gate in
        /// the second, which goes no further than a core's cache.
        case gate
    }

    private let weight: Weight
    private let bias: Tensor?
    private let ending: Ending
    private let outputs, depth, positions: Int

    /// Brings rows of the right factor into blocks: which of them, at which positions, to where, and how far apart the blocks lie.
    typealias Columns = (_ rows: Range<Int>, _ positions: Range<Int>, _ blocks: UnsafeMutablePointer<Float>, _ distance: Int) -> Void

    private static let block = Int(LOOP_BLOCK_COLUMNS), group = Int(LOOP_BLOCK_ROWS)
    /// Floats of the vectors that products are made of.
    static let lanes = loop_block_lanes()
    /// Floats of a matrix (4 MiB) that may pass by once a chunk of positions: a slice of its columns stays in a core's second cache.
    private static let cachedWeights = 1 << 20
    /// Positions a core takes at once of a cached matrix, and all cores together of a larger one.
    private static let ownChunk = 128...384, sharedChunk = 1024
    /// Rows of the right factor that stay in a core's first cache, and rows of the left one that share them.
    private static let slice = 256, panel = 128

    /// Whether cores share the positions, not the outputs.
    private let sharesPositions: Bool
    /// Positions that are laid out and multiplied at once.
    let chunk: Int

    /// - Parameters:
    ///   - weight: `[rows, ...]`, rows as many as outputs or, with gates, twice as many
    ///   - bias: `[rows]`
    ///   - positions: of the result
    init(_ weight: Weight, bias: Tensor?, ending: Ending, positions: Int) {
        (self.weight, self.bias, self.ending, self.positions) = (weight, bias, ending, positions)
        let rows = weight.shape[0]
        depth = weight.count / rows
        if case .gate = ending {
            precondition(rows % 2 == 0, "gates of a matrix \(weight.shape)")
            outputs = rows / 2
        } else {
            outputs = rows
        }
        let share = positions / (4 * Parallel.threads)
        sharesPositions = weight.count <= Self.cachedWeights && share >= Self.ownChunk.lowerBound
        chunk = sharesPositions ? min(share / Self.block * Self.block, Self.ownChunk.upperBound) : Self.sharedChunk
    }

    private var hasGates: Bool { outputs < weight.shape[0] }
    /// Groups of outputs that the result has.
    private var groups: Int { (outputs + Self.group - 1) / Self.group }

    /// - Parameters:
    ///   - target: `[outputs, positions]`
    ///   - sum: what the product is added to before bias and activation, as `target`
    ///   - chunks: of positions, about `chunk` each
    ///   - grain: rows of the right factor that `columns` takes together
    func callAsFunction(
        _ target: UnsafeMutablePointer<Float>, sum: UnsafePointer<Float>?, chunks: [Range<Int>], grain: Int, columns: Columns
    ) {
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

    /// A slice of the columns of some groups of the matrix, and the floats from one group to the next.
    private typealias Left = (_ groups: Range<Int>, _ slice: Range<Int>) -> (rows: UnsafePointer<Float>, distance: Int)

    private func byPositions(_ sides: Sides, _ chunks: [Range<Int>], _ columns: Columns) {
        let laidOut = hasGates ? 2 * groups : groups, panels = (0..<groups).pieces(of: hasGates ? Self.panel / Self.group : groups)
        Ops.withScratch(laidOut * Self.group * depth) { rows in
            Parallel.forEach(laidOut) { layOut(group: $0, 0..<depth, at: rows + $0 * Self.group * depth) }
            Parallel.forEach(chunks.count) { index in
                let chunk = chunks[index]
                Ops.withScratch(blocks(chunk) * depth * Self.block) { right in
                    columns(0..<depth, chunk, right, depth * Self.block)
                    for panel in panels {
                        compute(panel, sides, chunk, right) { groups, slice in
                            (UnsafePointer(rows + (groups.lowerBound * depth + slice.lowerBound) * Self.group), depth * Self.group)
                        }
                    }
                }
            }
        }
    }

    private func byOutputs(_ sides: Sides, _ chunk: Range<Int>, _ grain: Int, _ columns: Columns) {
        Ops.withScratch(blocks(chunk) * depth * Self.block) { right in
            Parallel.ranges(depth, grain: grain) { columns($0, chunk, right + $0.lowerBound * Self.block, depth * Self.block) }
            let perPanel = max(1, min(Self.panel / Self.group, groups / (4 * Parallel.threads)))
            let panels = (0..<groups).pieces(of: perPanel)
            Parallel.forEach(panels.count) { index in
                Ops.withScratch(panels[index].count * Self.group * Self.slice) { rows in
                    compute(panels[index], sides, chunk, right) { groups, slice in
                        for (index, group) in groups.enumerated() {
                            layOut(group: group, slice, at: rows + index * Self.group * slice.count)
                        }
                        return (UnsafePointer(rows), slice.count * Self.group)
                    }
                }
            }
        }
    }

    private func blocks(_ positions: Range<Int>) -> Int { (positions.count + Self.block - 1) / Self.block }

    /// - Parameter group: of the values, or behind these of the gates
    private func layOut(group: Int, _ columns: Range<Int>, at target: UnsafeMutablePointer<Float>) {
        let (half, index) = group.quotientAndRemainder(dividingBy: groups)
        let rows = (index * Self.group..<min((index + 1) * Self.group, outputs)).moved(by: half * outputs)
        weight.read(rows: rows, columns: columns) { loop_block_rows(target, $0, $1, rows.count, columns.count) }
    }

    /// A chunk of some groups' results.
    private func compute(_ panel: Range<Int>, _ sides: Sides, _ chunk: Range<Int>, _ right: UnsafePointer<Float>, left: Left) {
        let first = panel.lowerBound * Self.group, count = min(panel.upperBound * Self.group, outputs) - first
        let place = first * positions + chunk.lowerBound, target = sides.target + place
        let result = Part(
            target: target, distance: positions, sum: sides.sum.map { $0 + place }, bias: sides.bias.map { $0 + first }, rows: count)
        multiply(panel, result, chunk, right, left)
        switch ending {
        case .activation(.identity): break
        case .activation(let activation):
            for row in 0..<count { loop_bias_activation(target + row * positions, chunk.count, 0, activation.code) }
        case .gate:
            Ops.withScratch(count * chunk.count) { gates in
                let part = Part(target: gates, distance: chunk.count, sum: nil, bias: sides.bias.map { $0 + outputs + first }, rows: count)
                multiply(panel.moved(by: groups), part, chunk, right, left)
                for row in 0..<count { loop_gate(target + row * positions, gates + row * chunk.count, chunk.count) }
            }
        }
    }

    /// Where the products of some groups go: `rows` rows of them, `distance` apart, from a chunk's first position on.
    private struct Part {
        let target: UnsafeMutablePointer<Float>
        let distance: Int
        let sum, bias: UnsafePointer<Float>?
        let rows: Int
    }

    private func multiply(_ groups: Range<Int>, _ part: Part, _ chunk: Range<Int>, _ right: UnsafePointer<Float>, _ left: Left) {
        for slice in (0..<depth).pieces(of: Self.slice) {
            let (rows, distance) = left(groups, slice), isFirst = slice.lowerBound == 0
            loop_block_products(
                BlockProduct.lanes, part.target, part.distance, part.rows, chunk.count, rows, distance,
                right + slice.lowerBound * Self.block,
                depth * Self.block, slice.count, isFirst ? part.sum : UnsafePointer(part.target), isFirst ? part.bias : nil)
        }
    }
}
