import Engine
import LoopReference
import Testing

@Suite(.timeLimit(.minutes(60))) struct OpsAttentionTests {
    /// Heads, channels of a head, queries, keys; the later ones span several blocks of queries and several chunks of keys.
    @Test(arguments: [[1, 4, 1, 1], [2, 3, 5, 7], [4, 8, 33, 3], [1, 2, 600, 40], [2, 5, 40, 600], [1, 9, 70, 513]], [1, 3])
    func agreesWithTheDefinition(_ s: [Int], threads: Int) {
        Parallel.withThreads(threads) {
            var numbers = Numbers(seed: 8)
            let query = numbers.tensor([s[0] * s[1], s[2]], scale: 4)
            let key = numbers.tensor([s[0] * s[1], s[3]], scale: 4), value = numbers.tensor([s[0] * s[1], s[3]])
            expectClose(
                Ops.attention(query: query, key: key, value: value, heads: s[0]),
                Reference.attention(query: query, key: key, value: value, heads: s[0]), tolerance: 1e-5, "\(s)")
        }
    }

    @Test func survivesScoresThatWouldOverflow() {
        let query = Tensor(shape: [1, 2], values: [1000, -1000]), key = Tensor(shape: [1, 3], values: [900, 0, -900])
        let value = Tensor(shape: [1, 3], values: [1, 2, 3])
        expectClose(Ops.attention(query: query, key: key, value: value, heads: 1), Tensor(shape: [1, 2], values: [1, 3]), "large scores")
    }

    /// Scores that rise from chunk to chunk, so that what was summed before must shrink each time.
    @Test func keysThatMatterMoreCanComeLater() {
        let m = 1000, rising = (0..<m).map { Float($0) / 50 }
        let query = Tensor(shape: [1, 2], values: [1, -1]), key = Tensor(shape: [1, m], values: rising)
        let value = Tensor(shape: [1, m], values: (0..<m).map { Float($0 % 7) })
        expectClose(
            Ops.attention(query: query, key: key, value: value, heads: 1),
            Reference.attention(query: query, key: key, value: value, heads: 1),
            tolerance: 1e-5, "rising scores")
    }

    /// A fault upstream shows in every query that meets it.
    @Test func scoresThatAreNoNumbersStayVisible() {
        for bad in [Float.nan, .infinity] {
            var keys = [Float](repeating: 1, count: 300)
            keys[270] = bad
            let out = Ops.attention(
                query: Tensor(shape: [1, 3], values: [1, 2, 3]), key: Tensor(shape: [1, 300], values: keys),
                value: Tensor(shape: [1, 300], values: keys.map { _ in 1 }), heads: 1)
            #expect(out.values.allSatisfy { $0.isNaN }, "\(bad)")
        }
    }
}
