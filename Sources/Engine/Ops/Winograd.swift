import CKernels

/// A 3x3 convolution at stride 1 by F(4x4, 3x3): a quarter of the multiplications (CKernels/winograd.c).
///
/// Where the transformed weights fit the caches, each core takes a chunk of tiles at a time and keeps their 36 points there, while eight
/// outputs' weights after the other pass by. Of wider layers all cores share the points of a batch of tiles, and each takes a panel of outputs, whose
/// weights it transforms just before they are multiplied, a slice of the inputs at a time: they never reach memory.
struct Winograd {
    private let inputs, outputs, height, width, tileColumns: Int
    /// Whether the transformed weights are too many for the caches.
    var isWide: Bool
    private var tiles: Int { tileColumns * ((height + 3) / 4) }

    private static let points = Int(CK_WINOGRAD_POINTS), block = Int(CK_BLOCK_COLUMNS), group = Int(CK_BLOCK_ROWS)
    /// Fewer tiles do not pay for transforming the weights (where the cores share tiles; where they share outputs), fewer channels not for
    /// transforming the picture.
    private static let fewestTiles = 64, fewestShared = 16, fewestChannels = 8
    /// Floats of transformed weights (256 channels to 256) up to which reading them anew for each chunk costs less than sharing batches.
    private static let cachedWeights = 2304 << 10
    /// Floats of a chunk's points, to stay in a core's second cache beside the weights.
    private static let chunkTarget = 384 << 10
    private static let mostBlocks = 4
    /// Blocks of a batch, groups of a panel and inputs of a slice: the panel's sums and its slice of weights stay in a core's second cache, and
    /// all groups of the panel share each reading of the batch's points.
    private static let batch = 4, panel = 8, slice = 64
    /// Floats between two points beyond their values: a cache line, so that they do not fall into the same places of the first cache.
    private static let gap = 16

    /// nil where neighbourhoods and a matrix product are better, or the only way.
    /// - Parameters:
    ///   - weight: shape of the weights, `[outputs, inputs, k, k]`
    ///   - height: of the result, as is `width`
    init?(weight: [Int], stride: Int, height: Int, width: Int) {
        guard weight[2] == 3 && stride == 1 else { return nil }
        (inputs, outputs) = (weight[1], weight[0])
        (self.height, self.width, tileColumns) = (height, width, (width + 3) / 4)
        isWide = Self.transformedWeights(weight) > Self.cachedWeights
        guard tiles >= (isWide ? Self.fewestShared : Self.fewestTiles) && min(inputs, outputs) >= Self.fewestChannels else { return nil }
    }

    /// Floats of all weights transformed.
    private static func transformedWeights(_ weight: [Int]) -> Int { (weight[0] + group - 1) / group * group * weight[1] * points }

    /// Floats that all cores share at work on a result of so many positions: a batch's points, or all weights.
    static func memory(weight: [Int], positions: Int) -> Int {
        let transformed = transformedWeights(weight)
        return transformed > cachedWeights ? points * weight[1] * min(batch * block, positions / 16 + block) : transformed
    }

    /// - Parameters:
    ///   - target: `[outputs, height, width]`
    ///   - x: `[inputs, ...]`, zero outside
    ///   - bias: `[outputs]` or nil
    ///   - sum: what the result is added to before the activation, as `target`
    func callAsFunction(
        _ target: UnsafeMutablePointer<Float>, _ x: Tensor, weight: Weight, bias: Tensor?, padding: Padding, activation: Activation,
        sum: UnsafePointer<Float>?
    ) {
        defer { weight.forget() }
        x.read { source in
            let pass = Pass(
                target: target, source: source, height: x.height, width: x.width, weight: weight, bias: bias, padding: padding,
                activation: activation, sum: sum)
            if isWide { panelByPanel(pass) } else { chunkByChunk(pass) }
        }
    }

    /// What one call works on.
    private struct Pass {
        let target: UnsafeMutablePointer<Float>
        let source: UnsafePointer<Float>
        let height, width: Int                          // of the source
        let weight: Weight
        let bias: Tensor?
        let padding: Padding
        let activation: Activation
        let sum: UnsafePointer<Float>?
    }

    private var groups: Int { (outputs + Self.group - 1) / Self.group }
    private var blocks: Int { (tiles + Self.block - 1) / Self.block }
    /// Floats from one point to the next, of eight outputs' weights and of a block of tiles.
    private func weightDistance(_ inputs: Int) -> Int { inputs * Self.group + Self.gap }
    private func tileDistance(_ inputs: Int) -> Int { inputs * Self.block + Self.gap }
    /// Floats of eight outputs' sums over a block of tiles at a point, and at all points with room for the last vector that is read.
    private static let pointSums = group * block
    private var blockSums: Int { Self.points * Self.pointSums + Self.block }

    private func tilesOf(_ block: Int) -> (first: Int, end: Int) { (block * Self.block, min((block + 1) * Self.block, tiles)) }

    private func weights(_ pass: Pass, _ group: Int, _ inputs: Range<Int>, into points: UnsafeMutablePointer<Float>) {
        let rows = (group * Self.group)..<min((group + 1) * Self.group, outputs), columns = (inputs.lowerBound * 9)..<(inputs.upperBound * 9)
        Ops.withScratch(columns.count * Self.group) { filters in
            pass.weight.read(rows: rows, columns: columns) { ck_block_rows(filters, $0, $1, rows.count, columns.count) }
            ck_winograd_weights(points, weightDistance(inputs.count), filters, inputs.count)
        }
    }

    private func picture(_ pass: Pass, _ block: Int, _ inputs: Range<Int>, into points: UnsafeMutablePointer<Float>) {
        let tiles = tilesOf(block)
        ck_winograd_picture(
            points, tileDistance(inputs.count), pass.source + inputs.lowerBound * pass.height * pass.width, inputs.count, pass.height, pass.width,
            pass.padding.top, pass.padding.left, tileColumns, tiles.first, tiles.end)
    }

    private func result(_ pass: Pass, _ group: Int, _ block: Int, of sums: UnsafePointer<Float>) {
        let first = group * Self.group, tiles = tilesOf(block)
        let write = { (bias: UnsafePointer<Float>?) in
            ck_winograd_result(
                pass.target + first * height * width, sums, min(Self.group, outputs - first), height, width, tileColumns, tiles.first, tiles.end,
                bias, pass.activation.code, pass.sum.map { $0 + first * height * width })
        }
        if let bias = pass.bias { bias.read { write($0 + first) } } else { write(nil) }
    }

    /// Products of one point: `inputs` many, of eight outputs' weights and a block of tiles, or half a block where there are no more.
    private func multiply(
        _ weights: UnsafePointer<Float>, _ points: UnsafePointer<Float>, _ inputs: Int, into sums: UnsafeMutablePointer<Float>, adding: Bool
    ) {
        let columns = tiles <= Self.block / 2 ? Self.block / 2 : Self.block
        ck_block_product(BlockProduct.lanes, sums, Self.block, Self.group, columns, weights, points, inputs, adding ? UnsafePointer(sums) : nil, nil)
    }

    private func chunkByChunk(_ pass: Pass) {
        let weightDistance = weightDistance(inputs), tileDistance = tileDistance(inputs), blockPoints = Self.points * tileDistance
        let groupWeights = Self.points * weightDistance
        let perChunk = max(1, min(Self.chunkTarget / blockPoints, Self.mostBlocks, blocks / Parallel.threads))
        Ops.withScratch(groups * groupWeights) { allWeights in
            Parallel.forEach(groups) { weights(pass, $0, 0..<inputs, into: allWeights + $0 * groupWeights) }
            Parallel.forEach((blocks + perChunk - 1) / perChunk) { chunk in
                let chunk = (chunk * perChunk)..<min((chunk + 1) * perChunk, blocks)
                Ops.withScratch(chunk.count * (blockPoints + blockSums)) { scratch in
                    let points = scratch, sums = scratch + chunk.count * blockPoints
                    for (i, block) in chunk.enumerated() { picture(pass, block, 0..<inputs, into: points + i * blockPoints) }
                    for group in 0..<groups {
                        for point in 0..<Self.points {
                            for i in 0..<chunk.count {
                                multiply(
                                    allWeights + group * groupWeights + point * weightDistance, points + i * blockPoints + point * tileDistance,
                                    inputs, into: sums + i * blockSums + point * Self.pointSums, adding: false)
                            }
                        }
                        for (i, block) in chunk.enumerated() { result(pass, group, block, of: sums + i * blockSums) }
                    }
                }
            }
        }
    }

    private var slices: [Range<Int>] { stride(from: 0, to: inputs, by: Self.slice).map { $0..<min($0 + Self.slice, inputs) } }

    private func panelByPanel(_ pass: Pass) {
        let slices = slices, slicePoints = Self.points * tileDistance(Self.slice)
        let perBatch = min(Self.batch, blocks), perPanel = max(1, min(Self.panel, groups / (4 * Parallel.threads)))
        Ops.withScratch(perBatch * slices.count * slicePoints) { points in
            for first in stride(from: 0, to: blocks, by: perBatch) {
                let batch = first..<min(first + perBatch, blocks)
                Parallel.forEach(batch.count * slices.count) { index in
                    let (i, slice) = index.quotientAndRemainder(dividingBy: slices.count)
                    picture(pass, first + i, slices[slice], into: points + index * slicePoints)
                }
                Parallel.forEach((groups + perPanel - 1) / perPanel) { index in
                    panel(pass, (index * perPanel)..<min((index + 1) * perPanel, groups), batch, slices, points)
                }
            }
        }
    }

    /// Some groups of outputs of a batch, whose points `[blocks][slices][points][inputs][block]` are there.
    private func panel(_ pass: Pass, _ own: Range<Int>, _ batch: Range<Int>, _ slices: [Range<Int>], _ points: UnsafePointer<Float>) {
        let slicePoints = Self.points * tileDistance(Self.slice), groupWeights = Self.points * weightDistance(Self.slice)
        let groupSums = batch.count * blockSums
        Ops.withScratch(own.count * (groupWeights + groupSums)) { allWeights in
            let sums = allWeights + own.count * groupWeights
            for (index, slice) in slices.enumerated() {
                for (g, group) in own.enumerated() { weights(pass, group, slice, into: allWeights + g * groupWeights) }
                for i in 0..<batch.count {
                    let tiles = points + (i * slices.count + index) * slicePoints
                    for point in 0..<Self.points {
                        for g in 0..<own.count {
                            multiply(
                                allWeights + g * groupWeights + point * weightDistance(slice.count), tiles + point * tileDistance(slice.count),
                                slice.count, into: sums + g * groupSums + i * blockSums + point * Self.pointSums, adding: index > 0)
                        }
                    }
                }
            }
            for (g, group) in own.enumerated() {
                for (i, block) in batch.enumerated() { result(pass, group, block, of: sums + g * groupSums + i * blockSums) }
            }
        }
    }
}
