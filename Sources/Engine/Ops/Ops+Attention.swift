import CKernels

extension Ops {
    /// Floats that the scores of all tiles of queries in work may hold together (32 MiB).
    private static let scoreLimit = 8 << 20

    /// Scaled dot-product attention, softmax(q' k / sqrt(d)) over the keys, for each head.
    ///
    /// Queries go in tiles, so that the scores of 57,600 positions against each other, 13 GB a head, are never held whole.
    /// - Parameters:
    ///   - query: `[heads * d, n]`
    ///   - key: `[heads * d, m]`, as `value`
    /// - Returns: `[heads * d, n]`
    package static func attention(query: Tensor, key: Tensor, value: Tensor, heads: Int) -> Tensor {
        let channels = query.channels, n = query.positions, m = key.positions
        precondition(
            channels % heads == 0 && key.channels == channels && value.channels == channels && value.positions == m,
            "attention of \(heads) heads over \(query.shape), \(key.shape), \(value.shape)")
        let d = channels / heads
        let scale = 1 / Float(d).squareRoot()
        let tile = min(n, max(min(scoreLimit / Parallel.threads / m, 512), 1))
        let tiles = (n + tile - 1) / tile
        return .uninitialized(query.shape) { target in
            query.read { query in
                key.read { key in
                    value.read { value in
                        Parallel.forEach(heads * tiles) { index in
                            let head = index / tiles * d
                            let first = index % tiles * tile
                            let count = min(tile, n - first)
                            withScratch(count * m) { scores in
                                MatrixProduct.multiply(
                                    m: count, n: m, k: d, query + head * n + first, lda: n, transposedA: true, key + head * m, ldb: m,
                                    into: scores, ldc: m)
                                ck_softmax_rows(scores, count, m, scale)
                                MatrixProduct.multiply(
                                    m: d, n: count, k: m, value + head * m, lda: m, scores, ldb: m, transposedB: true,
                                    into: target + head * n + first, ldc: n)
                            }
                        }
                    }
                }
            }
        }
    }
}
