@testable import Engine
import Testing

@Suite struct ParallelTests {
    /// Whatever order the cores finish in, each result is visited once and in its turn; a core that shares its share again does not wait for itself.
    @Test func resultsAreVisitedInOrder() {
        var visited: [Int] = []
        Parallel.inOrder(100) { index in
            var sum = 0
            Parallel.inOrder(index % 7 * 100) { $0 } visit: { sum += $1 }
            return sum
        } visit: { index, sum in
            let count = index % 7 * 100
            #expect(sum == count * (count - 1) / 2)
            visited.append(index)
        }
        #expect(visited == Array(0..<100))
    }
}
