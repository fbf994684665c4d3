// Positions, waiting times, and what they are measured from.

import Foundation
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct JobStoreSnapshotTests {
    private let snapshot = QueueSnapshot(
        queued: [.init(id: "b", pixels: 300), .init(id: "c", pixels: 500)],
        running: [.init(id: "a", pixels: 1000, progress: 0.25), .init(id: "z", pixels: 400, progress: 0.5)], secondsPerPixel: 0.01)

    @Test func positionsCountFromOne() {
        #expect(["a", "b", "c", "x"].map(snapshot.position) == [nil, 1, 2, nil])
    }

    @Test func timesAddWhatIsAheadSharedAmongTheWorkers() throws {
        func left(_ id: String, _ workers: Int) throws -> Double { try #require(snapshot.secondsLeft(of: id, workers: workers)) }
        #expect(try abs(left("a", 1) - 7.5) < 1e-9)
        #expect(try abs(left("b", 1) - (7.5 + 2 + 3)) < 1e-9)
        #expect(try abs(left("b", 2) - ((7.5 + 2) / 2 + 3)) < 1e-9)
        #expect(try abs(left("c", 1) - (7.5 + 2 + 3 + 5)) < 1e-9)
        #expect(snapshot.secondsLeft(of: "x", workers: 1) == nil)
        #expect(try abs(#require(snapshot.secondsUntilPlace) - 2) < 1e-9)
    }

    @Test func nothingIsSaidBeforeAnythingWasMeasured() {
        let unmeasured = QueueSnapshot(queued: snapshot.queued, running: snapshot.running, secondsPerPixel: nil)
        #expect(unmeasured.secondsLeft(of: "b", workers: 1) == nil && unmeasured.secondsUntilPlace == nil)
        #expect(unmeasured.position(of: "b") == 1)
        #expect(QueueSnapshot(queued: [], running: [], secondsPerPixel: 1).secondsUntilPlace == nil)
    }

    @Test func theStoreMeasuresTheJobsThatItRan() throws {
        let folder = try TemporaryFolder(), store = try folder.jobs()
        #expect(try store.snapshot() == QueueSnapshot(queued: [], running: [], secondsPerPixel: nil))
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        func run(pixels: Int?, seconds: Double, at start: Date) throws -> Job {
            var new = NewJob.sample()
            new.workPixels = pixels
            let id = try store.enqueue(new).id
            _ = try store.claim(now: start, leaseSeconds: 60, worker: "w")
            return try store.finish(id: id, JobOutput(format: "png", bytes: 1), now: start.addingTimeInterval(seconds))
        }
        // Long ago, and slow: no longer counted once there are enough newer ones.
        _ = try run(pixels: 100, seconds: 1000, at: start)
        for _ in 0..<JobStore.measuredJobs { _ = try run(pixels: 1000, seconds: 2, at: start) }
        #expect(try store.snapshot().secondsPerPixel == 0.002)
        let whole = try run(pixels: nil, seconds: 0, at: start)  // 1280 x 720, of a clock that stood still
        let speed = try #require(try store.snapshot().secondsPerPixel)
        #expect(abs(speed - 30.0 / (15_000 + 921_600)) < 1e-12)
        // A job that was not run says nothing; nor does one that failed.
        _ = try store.enqueue(.sample(), reusing: whole)
        let failing = try store.enqueue(.sample()).id
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        try store.fail(id: failing, problemType: "p", detail: "d")
        #expect(try store.snapshot().secondsPerPixel == speed)
    }

    @Test func theStoreListsWhatWaitsAndRuns() throws {
        let folder = try TemporaryFolder(), store = try folder.jobs()
        var ids = try store.enqueueSamples(3)
        var preview = NewJob.sample()
        preview.workPixels = 50
        ids.append(try store.enqueue(preview).id)
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        _ = try store.setProgress(id: ids[0], 0.5)
        _ = try store.cancel(id: ids[1])
        let snapshot = try store.snapshot()
        #expect(snapshot.running == [.init(id: ids[0], pixels: 1280 * 720, progress: 0.5)])
        #expect(snapshot.queued == [.init(id: ids[2], pixels: 1280 * 720), .init(id: ids[3], pixels: 50)])
    }

    @Test func listsByTime() throws {
        let folder = try TemporaryFolder(), store = try folder.jobs()
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        let ids = try (0..<5).map { try store.enqueue(.sample(), now: start.addingTimeInterval(Double($0))).id }
        let query = JobQuery(createdFrom: start.addingTimeInterval(1), createdBefore: start.addingTimeInterval(4), limit: 2)
        let first = try store.list(query)
        #expect(first.jobs.map(\.id) == [ids[3], ids[2]])
        var next = query
        next.cursor = first.nextCursor
        #expect(try store.list(next).jobs.map(\.id) == [ids[1]])
        next.createdFrom = start
        #expect(throws: StorageError.invalidCursor(next.cursor ?? "")) { try store.list(next) }
    }
}
