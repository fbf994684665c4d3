import CLoops

/// A 3x3 convolution at stride 1 by F(4x4, 3x3): a quarter of the multiplications (CLoops/winograd.c).
///
/// Where the transformed weights fit the caches, each core takes a chunk of tiles at a time and keeps their 36 points there, while eight
/// outputs' weights after the other pass by. Of wider layers all cores share the points of a batch of tiles, and each takes a panel of
/// outputs, whose weights it transforms just before they are multiplied, a slice of the inputs at a time: they never reach memory.
struct Winograd {
    private let inputs, outputs, height, width, tileColumns: Int
    /// Whether the transformed weights are too many for the caches.
    var isWide: Bool
    private var tiles: Int { tileColumns * ((height + 3) / 4) }

    private static let points = Int(LOOP_WINOGRAD_POINTS), block = Int(LOOP_BLOCK_COLUMNS), group = Int(LOOP_BLOCK_ROWS)
    /// Fewer tiles do not pay for transforming the weights (where the cores share tiles; where they share outputs), fewer channels not for
    /// transforming the picture.
    private static let fewestTiles = 64, fewestShared = 16, fewestChannels = 8
    /// Floats of transformed weights (256 channels to 256) up to which reading them anew for each chunk costs less than sharing batches.
    private static let cachedWeights = 2304 << 10
    /// Floats of a chunk's points, to stay in a core's second cache beside the weights.
    private static let chunkTarget = 192 << 10
    private static let mostBlocks = 4
    /// Time for making and transforming a row of the picture, to that for all of the layer.
    private static let costOfRows = 0.3
    /// Blocks of a batch, groups of a panel and inputs of a slice: the panel's sums and its slice of weights stay in a core's second cache,
    /// and all groups of the panel share each reading of the batch's points.
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

    /// What one call works on.
    struct Pass {
        /// `[outputs, height, width]`
        let target: UnsafeMutablePointer<Float>
        let weight: Weight
        /// `[outputs]` or nil
        let bias: Tensor?
        let padding: Padding
        let activation: Activation
        /// What the result is added to before the activation, as `target`; may be the target.
        let sum: UnsafePointer<Float>?
    }

    /// Whether the picture may be made as its rows are read, for a result of so many positions.
    static func takesRows(weight: [Int], positions: Int) -> Bool {
        transformedWeights(weight) <= cachedWeights && positions >= 16 * fewestTiles && min(weight[0], weight[1]) >= fewestChannels
    }

    /// - Parameter x: `[inputs, ...]`, zero outside
    func callAsFunction(_ pass: Pass, _ x: Tensor) {
        defer { pass.weight.forget() }
        x.read { source in
            let window = Window(values: source, height: x.height, width: x.width, top: pass.padding.top, firstTile: 0)
            if isWide { panelByPanel(pass, window) } else { chunkByChunk(pass, window) }
        }
    }

    /// Convolves rows that each core makes for itself, whole rows of tiles at a time. Not for wide layers.
    func callAsFunction(_ pass: Pass, _ x: RowSource) {
        precondition(!isWide, "a wide layer reads each row for every panel")
        defer { pass.weight.forget() }
        let fill = x.prepared(), bands = (0..<((height + 3) / 4)).pieces(of: rowsOfTiles)
        withWeights(pass) { weights in
            Parallel.forEach(bands.count) { index in
                let own = bands[index]
                let first = max(4 * own.lowerBound - pass.padding.top, 0), end = min(4 * own.upperBound + 2 - pass.padding.top, x.height)
                Ops.withScratch(inputs * (end - first) * x.width) { made in
                    fill(first..<end, made, (end - first) * x.width)
                    let window = Window(
                        values: made, height: end - first, width: x.width, top: pass.padding.top + first - 4 * own.lowerBound,
                        firstTile: own.lowerBound * tileColumns)
                    let tiles = window.firstTile..<(own.upperBound * tileColumns)
                    for chunk in tiles.pieces(of: blocksPerChunk * Self.block) { self.chunk(pass, window, weights, chunk) }
                }
            }
        }
    }

    /// Rows of a picture that tiles are read from.
    private struct Window {
        let values: UnsafePointer<Float>
        let height, width: Int
        /// Rows of zeros above the window.
        let top: Int
        /// The number, among all tiles, of the window's first one.
        let firstTile: Int
    }

    /// Rows of tiles for which a core makes rows of the picture at once: about a chunk of tiles, with few of their blocks empty and few
    /// rows made twice.
    private var rowsOfTiles: Int {
        func cost(_ rows: Int) -> Double {
            let tiles = Double(rows * tileColumns), blocks = (tiles / Double(Self.block / 2)).rounded(.up) * Double(Self.block / 2)
            return blocks / tiles * (1 + Self.costOfRows * 2 / Double(4 * rows))
        }
        let chunk = (blocksPerChunk * Self.block + tileColumns - 1) / tileColumns
        return (max(chunk - 1, 1)...(chunk + 1)).min { cost($0) < cost($1) } ?? chunk
    }

    private var groups: Int { (outputs + Self.group - 1) / Self.group }
    private var blocks: Int { (tiles + Self.block - 1) / Self.block }
    /// Floats from one point to the next, of eight outputs' weights and of a block of tiles.
    private func weightDistance(_ inputs: Int) -> Int { inputs * Self.group + Self.gap }
    private func tileDistance(_ inputs: Int) -> Int { inputs * Self.block + Self.gap }
    /// Floats of eight outputs' sums over a block of tiles at a point, and at all points with room for the last vector that is read.
    private static let pointSums = group * block
    private var blockSums: Int { Self.points * Self.pointSums + Self.block }

    private func weights(_ pass: Pass, _ group: Int, _ inputs: Range<Int>, into points: UnsafeMutablePointer<Float>) {
        let rows = (group * Self.group)..<min((group + 1) * Self.group, outputs),
            columns = (inputs.lowerBound * 9)..<(inputs.upperBound * 9)
        Ops.withScratch(columns.count * Self.group) { filters in
            pass.weight.read(rows: rows, columns: columns) { loop_block_rows(filters, $0, $1, rows.count, columns.count) }
            loop_winograd_weights(points, weightDistance(inputs.count), filters, inputs.count)
        }
    }

    private func picture(
        _ pass: Pass, _ window: Window, _ tiles: Range<Int>, _ inputs: Range<Int>, into points: UnsafeMutablePointer<Float>
    ) {
        loop_winograd_picture(
            points, tileDistance(inputs.count), window.values + inputs.lowerBound * window.height * window.width, inputs.count,
            window.height,
            window.width, window.top, pass.padding.left, tileColumns, tiles.lowerBound - window.firstTile,
            tiles.upperBound - window.firstTile)
    }

    private func result(_ pass: Pass, _ group: Int, _ tiles: Range<Int>, of sums: UnsafePointer<Float>) {
        let first = group * Self.group
        let write = { (bias: UnsafePointer<Float>?) in
            loop_winograd_result(
                pass.target + first * height * width, sums, min(Self.group, outputs - first), height, width, tileColumns, tiles.lowerBound,
                tiles.upperBound, bias, pass.activation.code, pass.sum.map { $0 + first * height * width })
        }
        if let bias = pass.bias { bias.read { write($0 + first) } } else { write(nil) }
    }

    /// Products of one point: `inputs` many, of eight outputs' weights and a block of tiles, or half a block where there are no more.
    private func multiply(
        _ weights: UnsafePointer<Float>, _ points: UnsafePointer<Float>, _ inputs: Int, _ tiles: Int,
        into sums: UnsafeMutablePointer<Float>,
        adding: Bool
    ) {
        let columns = tiles <= Self.block / 2 ? Self.block / 2 : Self.block
        loop_block_product(
            BlockProduct.lanes, sums, Self.block, Self.group, columns, weights, points, inputs, adding ? UnsafePointer(sums) : nil, nil)
    }

    /// Blocks whose points a core keeps at once.
    private var blocksPerChunk: Int {
        max(1, min(Self.chunkTarget / (Self.points * tileDistance(inputs)), Self.mostBlocks, blocks / Parallel.threads))
    }

    private func withWeights(_ pass: Pass, _ body: (_ weights: UnsafePointer<Float>) -> Void) {
        let groupWeights = Self.points * weightDistance(inputs)
        Ops.withScratch(groups * groupWeights) { all in
            Parallel.forEach(groups) { weights(pass, $0, 0..<inputs, into: all + $0 * groupWeights) }
            body(all)
        }
    }

    private func chunkByChunk(_ pass: Pass, _ window: Window) {
        let chunks = (0..<tiles).pieces(of: blocksPerChunk * Self.block)
        withWeights(pass) { weights in
            Parallel.forEach(chunks.count) { chunk(pass, window, weights, chunks[$0]) }
        }
    }

    /// All outputs of some tiles, by one core.
    private func chunk(_ pass: Pass, _ window: Window, _ allWeights: UnsafePointer<Float>, _ tiles: Range<Int>) {
        let blocks = tiles.pieces(of: Self.block)
        let weightDistance = weightDistance(inputs), tileDistance = tileDistance(inputs), blockPoints = Self.points * tileDistance
        Ops.withScratch(blocks.count * (blockPoints + blockSums)) { scratch in
            let points = scratch, sums = scratch + blocks.count * blockPoints
            for (i, block) in blocks.enumerated() { picture(pass, window, block, 0..<inputs, into: points + i * blockPoints) }
            for group in 0..<groups {
                for point in 0..<Self.points {
                    let weights = allWeights + (group * Self.points + point) * weightDistance
                    for i in 0..<blocks.count {
                        multiply(
                            weights, points + i * blockPoints + point * tileDistance, inputs, blocks[i].count,
                            into: sums + i * blockSums + point * Self.pointSums, adding: false)
                    }
                }
                for (i, block) in blocks.enumerated() { result(pass, group, block, of: sums + i * blockSums) }
            }
        }
    }

    private func panelByPanel(_ pass: Pass, _ window: Window) {
        let slices = (0..<inputs).pieces(of: Self.slice), slicePoints = Self.points * tileDistance(Self.slice)
        let perBatch = min(Self.batch, blocks), panels = (0..<groups).pieces(of: max(1, min(Self.panel, groups / (4 * Parallel.threads))))
        Ops.withScratch(perBatch * slices.count * slicePoints) { points in
            for batch in (0..<tiles).pieces(of: perBatch * Self.block).map({ $0.pieces(of: Self.block) }) {
                Parallel.forEach(batch.count * slices.count) { index in
                    let (i, slice) = index.quotientAndRemainder(dividingBy: slices.count)
                    picture(pass, window, batch[i], slices[slice], into: points + index * slicePoints)
                }
                Parallel.forEach(panels.count) { panel(pass, panels[$0], batch, slices, points) }
            }
        }
    }

    /// Some groups of outputs of a batch, whose points `[blocks][slices][points][inputs][block]` are there.
    private func panel(_ pass: Pass, _ own: Range<Int>, _ batch: [Range<Int>], _ slices: [Range<Int>], _ points: UnsafePointer<Float>) {
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
                                allWeights + g * groupWeights + point * weightDistance(slice.count),
                                tiles + point * tileDistance(slice.count),
                                slice.count, batch[i].count, into: sums + g * groupSums + i * blockSums + point * Self.pointSums,
                                adding: index > 0)
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
