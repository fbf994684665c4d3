import Foundation
import GRDB
import Testing
@testable import Storage

/// A request that is sent again makes no second job.
@Suite(.timeLimit(.minutes(60))) struct JobStoreIdempotencyTests {
    private let folder: TemporaryFolder
    private let store: JobStore

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.jobs()
    }

    private func new(_ key: String? = "k", reuses: Bool = true) -> NewJob {
        var new = NewJob.sample()
        new.contentKey = key
        new.mayReuse = reuses
        return new
    }

    @Test func aKeySentAgainGivesTheSameJob() throws {
        var first = new()
        (first.idempotencyKey, first.requestHash) = ("key", "hash")
        let job = try store.enqueue(first)
        var second = new()
        (second.idempotencyKey, second.requestHash) = ("key", "hash")
        #expect(try store.enqueue(second) == job)
        #expect(try store.enqueue(second, reusing: job).id == job.id)
        #expect(try store.job(idempotencyKey: "key", requestHash: "hash") == job)
        #expect(try store.ids() == [job.id])

        second.requestHash = "other"
        #expect(throws: StorageError.idempotencyKeyReused(id: job.id)) { try store.enqueue(second) }
        #expect(throws: StorageError.idempotencyKeyReused(id: job.id)) { try store.job(idempotencyKey: "key", requestHash: "other") }
        #expect(try store.job(idempotencyKey: "none", requestHash: "hash") == nil)
        // The key goes with the job.
        _ = try store.cancel(id: job.id)
        #expect(try folder.jobs().enqueue(first).state == .cancelled)
        try store.delete(id: job.id)
        #expect(try store.enqueue(second).id == second.id)
    }

    @Test func aKeySentManyTimesAtOnceMakesOneJob() throws {
        let stores = [store, try folder.jobs()]
        let ids = try onThreads(8) { thread in
            var new = NewJob.sample()
            (new.idempotencyKey, new.requestHash) = ("key", "hash")
            return try stores[thread % 2].enqueue(new).id
        }
        #expect(Set(ids).count == 1)
        #expect(try store.ids().count == 1)
    }
}
