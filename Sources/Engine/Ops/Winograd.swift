import CKernels

/// A 3x3 convolution at stride 1 by F(4x4, 3x3): a quarter of the multiplications (CKernels/winograd.c).
///
/// Where the transformed weights fit a core's cache, it takes a chunk of tiles at a time and keeps their 36 points there, while eight outputs' weights
/// after the other pass by. Wider layers are worked point by point: all cores share a batch of tiles and divide the outputs, so that the
/// weights come from memory once a batch.
struct Winograd {
    private let inputs, outputs, height, width, tileColumns: Int
    /// Whether the transformed weights are too many for a core's cache.
    var isWide: Bool
    private var tiles: Int { tileColumns * ((height + 3) / 4) }

    private static let points = Int(CK_WINOGRAD_POINTS), block = Int(CK_BLOCK_COLUMNS), group = Int(CK_BLOCK_ROWS)
    /// Fewer tiles do not pay for transforming the weights, fewer channels not for transforming the picture.
    private static let fewestTiles = 64, fewestChannels = 8
    /// Floats of all transformed weights, four times the weights themselves (400 MiB).
    private static let weightLimit = 100 << 20
    /// Floats of transformed weights (4 MiB) up to which reading them anew for each chunk costs less than the barriers between batches.
    private static let cachedWeights = 512 << 10
    /// Floats of a batch's values at one point, to stay there beside the weights of eight outputs.
    private static let batchTarget = 128 << 10
    /// Floats of a chunk's points, to stay in a core's second cache beside the weights.
    private static let chunkTarget = 384 << 10
    private static let mostBlocks = 4

    /// nil where neighbourhoods and a matrix product are better, or the only way.
    /// - Parameters:
    ///   - weight: shape of the weights, `[outputs, inputs, k, k]`
    ///   - height: of the result, as is `width`
    init?(weight: [Int], stride: Int, height: Int, width: Int) {
        guard weight[2] == 3 && stride == 1 else { return nil }
        (inputs, outputs) = (weight[1], weight[0])
        (self.height, self.width, tileColumns) = (height, width, (width + 3) / 4)
        let transformed = (outputs + Self.group - 1) / Self.group * Self.group * inputs * Self.points
        isWide = transformed > Self.cachedWeights
        guard tiles >= Self.fewestTiles && min(inputs, outputs) >= Self.fewestChannels && transformed <= Self.weightLimit else { return nil }
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
            Ops.withScratch(groups * groupWeights) { weights in
                Parallel.forEach(groups) { group in
                    let rows = (group * Self.group)..<min((group + 1) * Self.group, outputs)
                    Ops.withScratch(inputs * 9 * Self.group) { filters in
                        weight.read(rows: rows, columns: 0..<(inputs * 9)) { ck_block_rows(filters, $0, $1, rows.count, inputs * 9) }
                        ck_winograd_weights(weights + group * groupWeights, filters, inputs)
                    }
                }
                let pass = Pass(
                    target: target, source: source, height: x.height, width: x.width, weights: weights, bias: bias, padding: padding,
                    activation: activation, sum: sum)
                if isWide { pointByPoint(pass) } else { chunkByChunk(pass) }
            }
        }
    }

    /// What one call works on.
    private struct Pass {
        let target: UnsafeMutablePointer<Float>
        let source: UnsafePointer<Float>
        let height, width: Int                          // of the source
        let weights: UnsafeMutablePointer<Float>        // [groups][points][inputs][group]
        let bias: Tensor?
        let padding: Padding
        let activation: Activation
        let sum: UnsafePointer<Float>?
    }

    private var groups: Int { (outputs + Self.group - 1) / Self.group }
    private var groupWeights: Int { Self.points * inputs * Self.group }
    private var blocks: Int { (tiles + Self.block - 1) / Self.block }
    /// Floats of a block of tiles at all points, and of eight outputs' sums over them, with room for the last vector that is read.
    private var blockPoints: Int { Self.points * inputs * Self.block }
    private var blockSums: Int { Self.points * Self.group * Self.block + Self.block }

    private func tilesOf(_ block: Int) -> (first: Int, end: Int) { (block * Self.block, min((block + 1) * Self.block, tiles)) }

    private func picture(_ pass: Pass, _ block: Int, into points: UnsafeMutablePointer<Float>) {
        let tiles = tilesOf(block)
        ck_winograd_picture(
            points, pass.source, inputs, pass.height, pass.width, pass.padding.top, pass.padding.left, tileColumns, tiles.first, tiles.end)
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

    private func chunkByChunk(_ pass: Pass) {
        let perChunk = max(1, min(Self.chunkTarget / blockPoints, Self.mostBlocks, blocks / Parallel.threads))
        Parallel.forEach((blocks + perChunk - 1) / perChunk) { chunk in
            let chunk = (chunk * perChunk)..<min((chunk + 1) * perChunk, blocks)
            Ops.withScratch(chunk.count * (blockPoints + blockSums)) { scratch in
                let points = scratch, sums = scratch + chunk.count * blockPoints
                for (i, block) in chunk.enumerated() { picture(pass, block, into: points + i * blockPoints) }
                for group in 0..<groups {
                    for point in 0..<Self.points {
                        let pointWeights = pass.weights + group * groupWeights + point * inputs * Self.group
                        for i in 0..<chunk.count {
                            ck_block_product(
                                BlockProduct.lanes, sums + i * blockSums + point * Self.group * Self.block, Self.block, Self.group, Self.block,
                                pointWeights, points + i * blockPoints + point * inputs * Self.block, inputs, nil)
                        }
                    }
                    for (i, block) in chunk.enumerated() { result(pass, group, block, of: sums + i * blockSums) }
                }
            }
        }
    }

    private func pointByPoint(_ pass: Pass) {
        let perBatch = max(1, min(Self.batchTarget / (inputs * Self.block), blocks))
        Ops.withScratch(perBatch * (blockPoints + groups * blockSums)) { scratch in
            let points = scratch, sums = scratch + perBatch * blockPoints
            for first in stride(from: 0, to: blocks, by: perBatch) {
                let batch = first..<min(first + perBatch, blocks)
                Parallel.forEach(batch.count) { i in picture(pass, first + i, into: points + i * blockPoints) }
                Parallel.ranges(groups, grain: 4) { own in
                    for point in 0..<Self.points {
                        for group in own {
                            let pointWeights = pass.weights + group * groupWeights + point * inputs * Self.group
                            for i in 0..<batch.count {
                                ck_block_product(
                                    BlockProduct.lanes, sums + (group * perBatch + i) * blockSums + point * Self.group * Self.block, Self.block,
                                    Self.group, Self.block, pointWeights, points + i * blockPoints + point * inputs * Self.block, inputs, nil)
                            }
                        }
                    }
                    for group in own {
                        for (i, block) in batch.enumerated() { result(pass, group, block, of: sums + (group * perBatch + i) * blockSums) }
                    }
                }
            }
        }
    }
}
