import CLoops

extension Ops {
    /// Scaled dot-product attention, softmax(q' k / sqrt(d)) over the keys, for each head.
    ///
    /// Blocks of 32 queries meet the keys a chunk at a time, with a softmax that goes along (Rabe and Staats, "Self-attention does not need
    /// O(n^2) memory", 2021): the scores of 57,600 positions against each other, 13 GB a head, are never held, and those of a chunk stay in
    /// a core's cache.
    /// - Parameters:
    ///   - query: `[heads * d, n]`
    ///   - key: `[heads * d, m]`, as `value`
    /// - Returns: `[heads * d, n]`
    package static func attention(query: Tensor, key: Tensor, value: Tensor, heads: Int) -> Tensor {
        let channels = query.channels, n = query.positions, m = key.positions
        precondition(
            channels % heads == 0 && key.channels == channels && value.channels == channels && value.positions == m,
            "attention of \(heads) heads over \(query.shape), \(key.shape), \(value.shape)")
        let head = AttentionHead(d: channels / heads, n: n, m: m)
        let perTask = max(1, min(AttentionHead.mostBlocks, heads * head.blocks / (4 * Parallel.threads)))
        let tasks = (head.blocks + perTask - 1) / perTask
        return .uninitialized(query.shape) { target in
            query.read { query in
                key.read { key in
                    value.read { value in
                        withScratch(heads * head.laidOut) { factors in
                            Parallel.forEach(heads * head.chunks) { index in
                                let (i, chunk) = index.quotientAndRemainder(dividingBy: head.chunks)
                                head.layOut(chunk, key: key + i * head.d * m, value: value + i * head.d * m, at: factors + i * head.laidOut)
                            }
                            Parallel.forEach(heads * tasks) { index in
                                let (i, task) = index.quotientAndRemainder(dividingBy: tasks)
                                let blocks = (task * perTask)..<min((task + 1) * perTask, head.blocks)
                                head.attend(
                                    query: query + i * head.d * n, blocks, to: factors + i * head.laidOut, into: target + i * head.d * n)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One head's shapes and its steps. Scores are products of keys by queries and results of values by scores, so that each vector has as many
/// queries as it has lanes and no sum runs across them.
private struct AttentionHead {
    /// Numbers of channels, of queries and of keys.
    let d, n, m: Int

    private static let block = Int(LOOP_BLOCK_COLUMNS), group = Int(LOOP_BLOCK_ROWS)
    /// Keys whose scores with a block of queries stay in a core's first cache.
    private static let chunk = 256
    /// Blocks of queries that meet a chunk while it is in a core's second cache.
    static let mostBlocks = 4

    var blocks: Int { (n + Self.block - 1) / Self.block }
    var chunks: Int { (m + Self.chunk - 1) / Self.chunk }
    private var channelGroups: Int { (d + Self.group - 1) / Self.group }
    /// Keys, up to whole groups of them.
    private var roundedKeys: Int { (m + Self.group - 1) / Self.group * Self.group }
    /// Floats of keys `[m / 8][d][8]`, then of values, chunk by chunk `[d / 8][keys][8]`.
    var laidOut: Int { roundedKeys * d + m * channelGroups * Self.group }

    private func keys(_ chunk: Int) -> Range<Int> { (chunk * Self.chunk)..<min((chunk + 1) * Self.chunk, m) }
    private func valuesAt(_ keys: Range<Int>) -> Int { roundedKeys * d + keys.lowerBound * channelGroups * Self.group }

    func layOut(_ chunk: Int, key: UnsafePointer<Float>, value: UnsafePointer<Float>, at factors: UnsafeMutablePointer<Float>) {
        let keys = keys(chunk)
        loop_block_transposed_rows(factors + keys.lowerBound * d, key + keys.lowerBound, m, d, d * Self.group, keys.count)
        for group in 0..<channelGroups {
            let first = group * Self.group
            loop_block_rows(
                factors + valuesAt(keys) + first * keys.count, value + first * m + keys.lowerBound, m, min(Self.group, d - first),
                keys.count)
        }
    }

    func attend(
        query: UnsafePointer<Float>, _ blocks: Range<Int>, to factors: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
    ) {
        let scale = 1 / Float(d).squareRoot(), own = (2 * d + 2) * Self.block
        Ops.withScratch(blocks.count * own + Self.chunk * Self.block) { scratch in
            let scores = scratch + blocks.count * own
            for (i, block) in blocks.enumerated() {
                let queries = scratch + i * own, top = queries + 2 * d * Self.block
                loop_block_columns(queries, query + block * Self.block, n, d, 0, min(Self.block, n - block * Self.block))
                (queries + d * Self.block).update(repeating: 0, count: d * Self.block)
                top.update(repeating: LOOP_LOWEST, count: Self.block)
                (top + Self.block).update(repeating: 0, count: Self.block)
            }
            for chunk in 0..<chunks {
                let keys = keys(chunk)
                for i in 0..<blocks.count {
                    let queries = scratch + i * own, result = queries + d * Self.block, top = result + d * Self.block
                    for first in stride(from: 0, to: keys.count, by: Self.group) {
                        loop_block_product(
                            BlockProduct.lanes, scores + first * Self.block, Self.block, min(Self.group, keys.count - first), Self.block,
                            factors + (keys.lowerBound + first) * d, queries, d, nil, nil)
                    }
                    loop_online_softmax(scores, keys.count, scale, top, top + Self.block, result, d)
                    for first in stride(from: 0, to: d, by: Self.group) {
                        loop_block_product(
                            BlockProduct.lanes, result + first * Self.block, Self.block, min(Self.group, d - first), Self.block,
                            factors + valuesAt(keys) + first * keys.count, scores, keys.count, result + first * Self.block, nil)
                    }
                }
            }
            for (i, block) in blocks.enumerated() {
                let first = block * Self.block, result = scratch + i * own + d * Self.block, total = result + (d + 1) * Self.block
                for channel in 0..<d {
                    for j in 0..<min(Self.block, n - first) {
                        target[channel * n + first + j] = result[channel * Self.block + j] / total[j]
                    }
                }
            }
        }
    }
}
