import Testing
@testable import Server

/// Predicted timesteps counted.
@Suite(.timeLimit(.minutes(60))) struct BlurLevelDistributionTests {
    @Test func countsBinsWordsAndMiddle() {
        let distribution = BlurLevelDistribution(counts: [0: 1, 19: 1, 20: 2, 95: 1, 999: 1], bin: 20)
        #expect(distribution.jobs == 6 && distribution.median == 20)
        #expect(abs((distribution.mean ?? 0) - (19 + 40 + 95 + 999) / 6.0) < 1e-9)
        #expect(distribution.bins.count == 50, "without gaps")
        #expect(distribution.bins.first == .init(minTimestep: 0, maxTimestep: 19, jobs: 2))
        #expect(distribution.bins.last == .init(minTimestep: 980, maxTimestep: 999, jobs: 1))
        #expect(distribution.levels.map(\.description) == ["sharp", "slight", "moderate", "strong", "severe"])
        #expect(distribution.levels.map(\.jobs) == [4, 1, 0, 0, 1])
    }

    /// The last bin ends where the timesteps end.
    @Test func theLastBinIsCut() {
        #expect(BlurLevelDistribution(counts: [990: 1], bin: 300).bins == [.init(minTimestep: 900, maxTimestep: 999, jobs: 1)])
    }

    @Test func withoutJobsThereIsNoMiddle() throws {
        let empty = BlurLevelDistribution(counts: [:], bin: 20)
        #expect(empty.mean == nil && empty.median == nil && empty.bins.isEmpty && empty.levels.allSatisfy { $0.jobs == 0 })
        let json = String(decoding: try JSON.encode(empty), as: UTF8.self)
        #expect(json.contains(#""mean":null"#) && json.contains(#""median":null"#), "every member is there")
    }

    @Test(arguments: [([1: 1, 3: 1], 1), ([1: 1, 3: 2], 3), ([5: 1], 5)]) func theMedianIsTheLowerOfTwo(counts: [Int: Int], median: Int) {
        #expect(BlurLevelDistribution(counts: counts, bin: 20).median == median)
    }
}
