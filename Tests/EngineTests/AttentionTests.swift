import Engine
import KernelReference
import Testing

@Suite struct AttentionTests {
    /// Heads, channels of a head, queries, keys; the last spans several tiles of queries.
    @Test(arguments: [[1, 4, 1, 1], [2, 3, 5, 7], [4, 8, 33, 3], [1, 2, 600, 40]], [1, 3])
    func agreesWithTheDefinition(_ s: [Int], threads: Int) {
        Parallel.threads = threads
        defer { Parallel.threads = 0 }
        var numbers = Numbers(seed: 8)
        let query = numbers.tensor([s[0] * s[1], s[2]], scale: 4)
        let key = numbers.tensor([s[0] * s[1], s[3]], scale: 4), value = numbers.tensor([s[0] * s[1], s[3]])
        expectClose(
            Ops.attention(query: query, key: key, value: value, heads: s[0]),
            Reference.attention(query: query, key: key, value: value, heads: s[0]), tolerance: 1e-5, "\(s)")
    }

    @Test func survivesScoresThatWouldOverflow() {
        let query = Tensor(shape: [1, 2], values: [1000, -1000]), key = Tensor(shape: [1, 3], values: [900, 0, -900])
        let value = Tensor(shape: [1, 3], values: [1, 2, 3])
        expectClose(Ops.attention(query: query, key: key, value: value, heads: 1), Tensor(shape: [1, 2], values: [1, 3]), "large scores")
    }
}
