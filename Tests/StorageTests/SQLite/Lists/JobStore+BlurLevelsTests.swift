import Foundation
import Testing
@testable import Storage

/// How predicted timesteps are spread.
@Suite(.timeLimit(.minutes(60))) struct JobStoreBlurLevelsTests {
    @Test func timestepsAreCountedWithinTheirTime() throws {
        let folder = try TemporaryFolder(), store = try folder.jobs()
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        for (index, timestep) in [120, 120, 80, 999, 0].enumerated() {
            let id = try store.enqueue(.sample(), now: start.addingTimeInterval(Double(index))).id
            _ = try store.claim(leaseSeconds: 60, worker: "w")
            _ = try store.setPredictedTimestep(id: id, timestep)
        }
        _ = try store.enqueue(.sample())
        #expect(try store.predictedTimesteps() == [120: 2, 80: 1, 999: 1, 0: 1])
        #expect(try store.predictedTimesteps(from: start.addingTimeInterval(1), before: start.addingTimeInterval(3)) == [120: 1, 80: 1])
        #expect(try store.predictedTimesteps(before: start).isEmpty)
    }
}
