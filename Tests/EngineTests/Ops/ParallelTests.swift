@testable import Engine
import Foundation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(60))) struct ParallelTests {
    /// Whatever order the cores finish in, each result is visited once and in its turn; a core that shares its share again does not wait
    /// for itself.
    @Test func resultsAreVisitedInOrder() {
        var visited: [Int] = []
        Parallel.inOrder(100) { index in
            var sum = 0
            Parallel.inOrder(index % 7 * 100) {
                $0
            } visit: {
                sum += $1
            }
            return sum
        } visit: { index, sum in
            let count = index % 7 * 100
            #expect(sum == count * (count - 1) / 2)
            visited.append(index)
        }
        #expect(visited == Array(0..<100))
    }

    /// Each operation asks for the number of cores. That it opens no file for it shows in the time: hundreds of times that of an answer.
    @Test func theCoresAreKnownWithoutAFile() {
        let clock = ContinuousClock(), count = 2_000
        let asking = clock.measure { for _ in 0..<count { _ = Parallel.threads } }
        let opening = clock.measure {
            for _ in 0..<count {
                let file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC)
                close(file)
            }
        }
        #expect(asking < opening, "\(asking) against \(opening)")
        #expect(Parallel.threads >= 1)
    }

    /// Callers that want the team at once, with more members than there are cores and with fewer than before, each get every index once,
    /// and no one waits for a member who came too late.
    @Test(arguments: [2, 5, 3])
    func everyIndexIsTakenOnce(threads: Int) async {
        await Parallel.withThreads(threads) {
            await withTaskGroup(of: Bool.self) { callers in
                for caller in 0..<4 {
                    callers.addTask {
                        (0..<500).allSatisfy { round in
                            let count = (caller + round) % 41
                            let taken = (0..<count).map { _ in Counter() }
                            Parallel.forEach(count) { taken[$0].value.wrappingAdd(1, ordering: .relaxed) }
                            return taken.allSatisfy { $0.value.load(ordering: .relaxed) == 1 }
                        }
                    }
                }
                for await isRight in callers { #expect(isRight) }
            }
        }
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }
}
