// What keeps one picture from being computed twice: content keys, idempotency keys, and the files of two jobs.

import Foundation
import GRDB
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct JobStoreReuseTests {
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

    /// Queues and computes a job.
    private func computed(_ key: String = "k", model: String = "m") throws -> Job {
        let id = try store.enqueue(new(key)).id
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        _ = try store.setPredictedTimestep(id: id, 140)
        return try store.finish(
            id: id,
            JobOutput(
                format: "png", bytes: 9, stageSeconds: "{}", isUnchanged: true, reblurPSNR: 41.5, modelHash: model, version: "1.2.3"))
    }

    @Test func findsTheNewestOutputOfTheSameModel() throws {
        #expect(try store.succeeded(contentKey: "k", modelHash: "m") == nil)
        _ = try computed()
        let second = try computed()
        _ = try computed("other")
        #expect(try store.succeeded(contentKey: "k", modelHash: "m") == second)
        #expect(try store.succeeded(contentKey: "k", modelHash: "new") == nil)
    }

    @Test func aJobThatReusesIsOverAtOnce() throws {
        let twin = try computed()
        let now = Date(timeIntervalSince1970: 1_900_000_000)
        let job = try store.enqueue(new(), reusing: twin, now: now)
        #expect((job.state, job.progress, job.output?.reusedFrom, job.attempts) == (.succeeded, 1, twin.id, 0))
        #expect((job.output?.format, job.output?.bytes, job.predictedTimestep, job.output?.modelHash) == ("png", 9, 140, "m"))
        #expect([twin, job].allSatisfy { $0.output?.isUnchanged == true && $0.output?.reblurPSNR == 41.5 })
        #expect([twin, job].allSatisfy { $0.output?.version == "1.2.3" })
        #expect((job.createdAt, job.finishedAt, job.startedAt) == (now, now, nil))
        #expect(try store.claim(leaseSeconds: 60, worker: "w") == nil)
        try store.delete(id: twin.id)
        #expect(try store.job(id: job.id) == job)
    }

    @Test func aFullQueueHasRoomForAJobThatReuses() throws {
        let store = try folder.jobs(maxQueued: 1)
        let twin = try computed()
        _ = try store.enqueue(.sample())
        #expect(throws: StorageError.queueFull(limit: 1, queued: 1)) { try store.enqueue(new()) }
        #expect(try store.enqueue(new(), reusing: twin).state == .succeeded)
    }

    @Test func aTwinOfARunningJobWaits() throws {
        let first = try store.enqueue(new()), twin = try store.enqueue(new())
        let stubborn = try store.enqueue(new(reuses: false)), other = try store.enqueue(new("other")), free = try store.enqueue(new(nil))
        func claimed() throws -> String? { try store.claim(leaseSeconds: 60, worker: "w")?.id }
        #expect(try [claimed(), claimed(), claimed(), claimed(), claimed()] == [first.id, stubborn.id, other.id, free.id, nil])
        try store.fail(id: first.id, problemType: "p", detail: "d")
        // Another of its key runs still.
        #expect(try claimed() == nil)
        _ = try store.finish(id: stubborn.id, JobOutput(format: "png", bytes: 1))
        #expect(try claimed() == twin.id)
    }
}
