// What keeps one picture from being computed twice: content keys, idempotency keys, and the files of two jobs.

import Foundation
import GRDB
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct ReuseTests {
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

    /// A database of the version before: its jobs stay, and are never taken for twins.
    @Test func rowsOfTheFirstVersionComeThrough() throws {
        let old = try TemporaryFolder()
        let queue = try DatabaseQueue(path: old.url.appendingPathComponent(JobStore.fileName).path)
        try Migrations.all.migrate(queue, upTo: "1 jobs")
        try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO job (id, options, input_format, input_bytes, width, height, input_hash, created_ms)
                    VALUES ('\(JobID.make())', '{}', 'png', 1, 20, 30, 'ab', 5)
                    """)
        }
        try queue.close()
        let job = try #require(try old.jobs().list().jobs.first)
        #expect((job.contentKey, job.mayReuse, job.output?.reusedFrom, job.output?.modelHash) == (nil, false, nil, nil))
        #expect(try old.jobs().claim(leaseSeconds: 1, worker: "w")?.id == job.id)
    }

    /// Jobs that reused before files were counted: the first to have a file is found through all that had it since.
    @Test func reuseOfTheVersionBeforeIsSharing() throws {
        let old = try TemporaryFolder()
        let queue = try DatabaseQueue(path: old.url.appendingPathComponent(JobStore.fileName).path)
        try Migrations.all.migrate(queue, upTo: Migrations.operations)
        let ids = (0..<5).map { _ in JobID.make() }
        // 1 and 2 were linked whole, one after the other; 3 came first and was run last; 4 reused one that is gone.
        let rows =
            [(0, 1, nil, 10), (1, 0, ids[0], 20), (2, 0, ids[1], 30), (3, 1, ids[2], 40), (4, 0, "GONE", 50)] as [(Int, Int, String?, Int)]
        try queue.write { db in
            for (index, attempts, twin, finished) in rows {
                try db.execute(
                    sql: """
                        INSERT INTO job (id, state, options, input_format, input_bytes, output_format, output_bytes, width, height, input_hash, created_ms,
                            finished_ms, attempts, reused_from)
                        VALUES (?, 'succeeded', '{}', 'png', 1, 'png', 1, 20, 30, 'ab', 5, ?, ?, ?)
                        """, arguments: [ids[index], finished, attempts, twin])
            }
        }
        try queue.close()
        let store = try old.jobs()
        let jobs = try ids.map { try #require(try store.job(id: $0)) }
        #expect(jobs.map(\.outputFile) == [ids[0], ids[0], ids[0], ids[0], "GONE"])
        #expect(jobs.map(\.inputFile) == [ids[0], ids[0], ids[0], ids[3], "GONE"])
        #expect(jobs.compactMap(\.output).map(\.version) == [nil, nil, nil, nil, nil])
        #expect(try store.totals().outputBytes == 2 && store.totals().inputBytes == 3)
    }

    @Test func aLinkedPictureOutlivesTheOther() throws {
        let blobs = try folder.blobs(), ids = (0..<3).map { _ in JobID.make() }
        let bytes = Data((0..<5000).map { UInt8(truncatingIfNeeded: $0) })
        try blobs.write(bytes, id: ids[0], kind: .output)
        try blobs.write(Data([1]), id: ids[1], kind: .output)
        #expect(try blobs.link(from: ids[0], to: ids[1], kind: .output))  // in the place of another
        try blobs.remove(id: ids[0])
        #expect(try blobs.read(id: ids[1], kind: .output) == bytes)
        #expect(throws: StorageError.notFound(id: ids[0])) { try blobs.link(from: ids[0], to: ids[2], kind: .output) }
        #expect(throws: StorageError.notFound(id: "../x")) { try blobs.link(from: ids[1], to: "../x", kind: .output) }
        #expect(try folder.pictures() == ["\(ids[1]).output"])
    }
}
