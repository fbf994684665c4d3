import Foundation
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct JobStoreQueueTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func aNewJobHoldsWhatWasGivenAndComesBackEqual() throws {
        let store = try folder.jobs()
        let now = Date(timeIntervalSince1970: 1_700_000_000.1234)
        let new = NewJob.sample(requestedTimestep: 120)
        let job = try store.enqueue(new, now: now)
        #expect(job.id == new.id)
        #expect(job.state == .queued)
        #expect(job.progress == 0)
        #expect(job.requestedTimestep == 120)
        #expect(job.predictedTimestep == nil)
        #expect((job.inputFormat, job.inputBytes, job.inputHash, job.options) == ("jpeg", 1234, "ab12", #"{"quality":90}"#))
        #expect((job.width, job.height) == (1280, 720))
        #expect(job.createdAt == Date(timeIntervalSince1970: 1_700_000_000.123))
        #expect((job.startedAt, job.finishedAt) == (nil, nil))
        #expect((job.attempts, job.cancelRequested) == (0, false))
        #expect(try store.job(id: new.id) == job)
        #expect(try folder.jobs().job(id: new.id) == job)
        #expect(try store.job(id: JobID.make()) == nil)
    }

    @Test func theSameIdTwiceIsAConflict() throws {
        let store = try folder.jobs()
        let job = try store.enqueue(.sample())
        #expect(throws: StorageError.conflict(id: job.id, state: .queued)) { try store.enqueue(.sample(id: job.id)) }
        #expect(try store.queuedCount() == 1)
    }

    @Test func aFullQueueRefusesAndStoresNothing() throws {
        let store = try folder.jobs(maxQueued: 2)
        let ids = try store.enqueueSamples(2)
        #expect(throws: StorageError.queueFull(limit: 2, queued: 2)) { try store.enqueue(.sample()) }
        #expect(try store.ids() == Set(ids))
        // A running job no longer waits.
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        _ = try store.enqueue(.sample())
        #expect(throws: StorageError.queueFull(limit: 2, queued: 2)) { try store.enqueue(.sample()) }
    }

    /// While several keys may send, none has more waiting than there are places left, so that there is one for whoever comes next.
    @Test func oneKeyLeavesPlacesForOthers() throws {
        let store = try folder.jobs(maxQueued: 12)
        func key(_ id: String, maySubmit: Bool = true) throws {
            try store.addKey(AccessKey(id: id, name: id, hash: Data(count: 32), maySubmit: maySubmit, webhookSecret: "s"))
        }
        func enqueue(_ key: String?) throws -> Job {
            var new = NewJob.sample()
            new.context.keyID = key
            return try store.enqueue(new)
        }
        /// How many more it gets in, until it is told this.
        func fill(_ key: String?, _ end: StorageError) -> Int {
            var count = 0
            while true {
                do {
                    _ = try enqueue(key)
                    count += 1
                } catch {
                    #expect(error as? StorageError == end)
                    return count
                }
            }
        }
        try key("a")
        try key("reader", maySubmit: false)
        #expect(fill("a", .queueFull(limit: 12, queued: 12)) == 12, "alone it may have all")
        for id in try store.ids() { _ = try store.cancel(id: id) }

        try key("b")
        try key("c")
        #expect(fill("a", .queueShareUsed(left: 6, held: 6)) == 6)
        #expect(throws: StorageError.queueShareUsed(left: 6, held: 6)) { try store.requirePlace(for: "a") }
        #expect(fill("b", .queueShareUsed(left: 3, held: 3)) == 3)
        #expect(fill("c", .queueShareUsed(left: 1, held: 2)) == 2)
        #expect(fill(nil, .queueFull(limit: 12, queued: 12)) == 1, "nobody's in particular")

        // What is taken up waits no longer; of the places that become free each may have its share again.
        for _ in 0..<4 { _ = try store.claim(leaseSeconds: 60, worker: "w") }
        #expect(fill("a", .queueShareUsed(left: 3, held: 3)) == 1)
        #expect(try store.revokeKey(id: "b") && store.revokeKey(id: "c"))
        #expect(fill("a", .queueFull(limit: 12, queued: 12)) == 3, "others' keys are revoked")
    }

    /// Counting and inserting are one transaction: however many come at once, through two connections, exactly the limit gets in.
    @Test func theLimitHoldsForManyAtOnce() throws {
        let stores = [try folder.jobs(maxQueued: 10), try folder.jobs(maxQueued: 10)]
        let accepted = try onThreads(8) { thread in
            try (0..<5).count { _ in
                do {
                    _ = try stores[thread % 2].enqueue(.sample())
                    return true
                } catch StorageError.queueFull(limit: 10, queued: 10) {
                    return false
                }
            }
        }
        #expect(accepted.reduce(0, +) == 10)
        #expect(try stores[0].queuedCount() == 10)
    }

    @Test func cancelEndsAQueuedJobAtOnce() throws {
        let store = try folder.jobs()
        let ids = try store.enqueueSamples(2)
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        let cancelled = try store.cancel(id: ids[0], now: now)
        #expect(cancelled.state == .cancelled)
        #expect(cancelled.finishedAt == now)
        #expect(try store.claim(leaseSeconds: 60, worker: "w")?.id == ids[1])
        #expect(throws: StorageError.conflict(id: ids[0], state: .cancelled)) { try store.cancel(id: ids[0]) }
    }

    @Test func cancelAsksARunningJobToStop() throws {
        let store = try folder.jobs()
        let job = try #require(try store.claimSample())
        #expect(try store.setProgress(id: job.id, 0.25))
        let asked = try store.cancel(id: job.id)
        #expect((asked.state, asked.cancelRequested, asked.finishedAt) == (.running, true, nil))
        #expect(try store.cancel(id: job.id) == asked)
        #expect(try !store.setProgress(id: job.id, 0.5))
        #expect(try !store.setPredictedTimestep(id: job.id, 80))
        #expect(try store.markCancelled(id: job.id).state == .cancelled)
        #expect(throws: StorageError.conflict(id: job.id, state: .cancelled)) { try store.cancel(id: job.id) }
    }

    @Test func onlyFinalJobsAreDeleted() throws {
        let store = try folder.jobs()
        let job = try store.enqueue(.sample())
        #expect(throws: StorageError.conflict(id: job.id, state: .queued)) { try store.delete(id: job.id) }
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        #expect(throws: StorageError.conflict(id: job.id, state: .running)) { try store.delete(id: job.id) }
        try store.finish(id: job.id, JobOutput(format: "png", bytes: 9))
        try store.delete(id: job.id)
        #expect(try store.job(id: job.id) == nil)
        #expect(throws: StorageError.notFound(id: job.id)) { try store.delete(id: job.id) }
    }

    @Test func anUnknownIdIsNotFound() throws {
        let store = try folder.jobs()
        let id = JobID.make()
        #expect(throws: StorageError.notFound(id: id)) { try store.cancel(id: id) }
        #expect(throws: StorageError.notFound(id: id)) { try store.delete(id: id) }
        #expect(throws: StorageError.notFound(id: id)) { try store.markCancelled(id: id) }
        #expect(throws: StorageError.notFound(id: id)) { try store.release(id: id) }
        #expect(throws: StorageError.notFound(id: id)) { try store.fail(id: id, problemType: "p", detail: "d") }
        #expect(throws: StorageError.notFound(id: id)) {
            try store.finish(id: id, JobOutput(format: "png", bytes: 1))
        }
        #expect(try !store.setProgress(id: id, 0.5))
    }

    @Test func hostileTextIsOnlyText() throws {
        let store = try folder.jobs()
        _ = try store.enqueueSamples(3)
        for id in ["' OR 1=1 --", "%", "\u{0}", String(repeating: "9", count: 100_000)] {
            #expect(try store.job(id: id) == nil)
            #expect(throws: StorageError.notFound(id: id)) { try store.cancel(id: id) }
        }
        #expect(try store.queuedCount() == 3)
    }
}
