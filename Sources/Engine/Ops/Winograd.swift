import CKernels

/// A 3x3 convolution at stride 1 by F(4x4, 3x3): a quarter of the multiplications (CKernels/winograd.c).
///
/// A core takes a chunk of tiles at a time and keeps their 36 points in its cache, while eight outputs' weights after the other pass by.
struct Winograd {
    private let inputs, outputs, height, width, tileColumns: Int
    private var tiles: Int { tileColumns * ((height + 3) / 4) }

    private static let points = Int(CK_WINOGRAD_POINTS), block = Int(CK_WINOGRAD_TILES), group = Int(CK_WINOGRAD_OUTPUTS)
    /// Fewer tiles do not pay for transforming the weights, fewer channels not for transforming the picture.
    private static let fewestTiles = 64, fewestChannels = 8
    /// Floats of all transformed weights, four times the weights themselves (32 MiB).
    private static let weightLimit = 8 << 20
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
        guard tiles >= Self.fewestTiles && min(inputs, outputs) >= Self.fewestChannels && transformed <= Self.weightLimit else { return nil }
    }

    /// - Parameters:
    ///   - target: `[outputs, height, width]`; read as well if `adds`
    ///   - x: `[inputs, ...]`, zero outside
    ///   - bias: `[outputs]` or nil
    func callAsFunction(
        _ target: UnsafeMutablePointer<Float>, _ x: Tensor, weight: Tensor, bias: Tensor?, padding: Padding, activation: Activation, adds: Bool
    ) {
        let groups = (outputs + Self.group - 1) / Self.group, groupWeights = Self.points * inputs * Self.group
        let blocks = (tiles + Self.block - 1) / Self.block
        let blockPoints = Self.points * inputs * Self.block, blockSums = Self.points * Self.group * Self.block + Self.block
        let perChunk = max(1, min(Self.chunkTarget / blockPoints, Self.mostBlocks, blocks / Parallel.threads))
        func tilesOf(_ block: Int) -> (first: Int, end: Int) { (block * Self.block, min((block + 1) * Self.block, tiles)) }

        x.read { source in
            weight.read { filters in
                Ops.withScratch(groups * groupWeights) { weights in
                    Parallel.forEach(groups) { group in
                        let first = group * Self.group
                        ck_winograd_weights(weights + group * groupWeights, filters + first * inputs * 9, inputs, min(Self.group, outputs - first))
                    }
                    Parallel.forEach((blocks + perChunk - 1) / perChunk) { chunk in
                        let chunk = (chunk * perChunk)..<min((chunk + 1) * perChunk, blocks)
                        Ops.withScratch(chunk.count * (blockPoints + blockSums)) { scratch in
                            let points = scratch, sums = scratch + chunk.count * blockPoints
                            for (i, block) in chunk.enumerated() {
                                let tiles = tilesOf(block)
                                ck_winograd_picture(
                                    points + i * blockPoints, source, inputs, x.height, x.width, padding.top, padding.left, tileColumns,
                                    tiles.first, tiles.end)
                            }
                            for group in 0..<groups {
                                for point in 0..<Self.points {
                                    let pointWeights = weights + group * groupWeights + point * inputs * Self.group
                                    for i in 0..<chunk.count {
                                        ck_winograd_product(
                                            sums + i * blockSums + point * Self.group * Self.block, pointWeights,
                                            points + i * blockPoints + point * inputs * Self.block, inputs)
                                    }
                                }
                                let first = group * Self.group
                                for (i, block) in chunk.enumerated() {
                                    let tiles = tilesOf(block)
                                    let write = { (bias: UnsafePointer<Float>?) in
                                        ck_winograd_result(
                                            target + first * height * width, sums + i * blockSums, min(Self.group, outputs - first), height, width,
                                            tileColumns, tiles.first, tiles.end, bias, activation.code, adds ? 1 : 0)
                                    }
                                    if let bias { bias.read { write($0 + first) } } else { write(nil) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
