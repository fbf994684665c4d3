import Foundation
import GRDB
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct JobStoreWorkTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func claimTakesTheOldestAndSaysWho() throws {
        let store = try folder.jobs()
        // All in one millisecond, with ids that sort the other way: the order of arrival alone counts.
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        let ids = (0..<10).map { _ in JobID.make() }.sorted(by: >)
        for id in ids { _ = try store.enqueue(.sample(id: id), now: now) }
        let claimed = try ids.map { _ in try #require(try store.claim(now: now, leaseSeconds: 30, worker: "w1")) }
        #expect(claimed.map(\.id) == ids)
        #expect(claimed.allSatisfy { $0.state == .running && $0.attempts == 1 && $0.worker == "w1" })
        #expect(claimed.allSatisfy { $0.startedAt == now && $0.leaseExpiresAt == now.addingTimeInterval(30) })
        #expect(try store.claim(leaseSeconds: 30, worker: "w1") == nil)
    }

    @Test func noTwoWorkersGetTheSameJob() throws {
        let stores = [try folder.jobs(), try folder.jobs()]
        let ids = try stores[0].enqueueSamples(120)
        let claimed = try onThreads(6) { thread in
            var mine: [Job] = []
            while let job = try stores[thread % 2].claim(leaseSeconds: 60, worker: "w\(thread)") { mine.append(job) }
            return mine
        }
        #expect(claimed.joined().map(\.id).sorted() == ids.sorted())
        // Each worker's own jobs come in the order of arrival.
        #expect(claimed.allSatisfy { $0.map(\.sequence) == $0.map(\.sequence).sorted() })
    }

    @Test func claimIsOneStatement() throws {
        let store = try folder.jobs()
        _ = try store.enqueueSamples(2)
        let log = StatementLog()
        store.pool.writeWithoutTransaction { db in db.trace { log.add("\($0)") } }
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        // The trace shows a trigger's program within the statement as a comment (sqlite.org/c3ref/c_trace.html).
        let statements = log.all().filter { !$0.hasPrefix("--") }
        #expect(statements.count == 1)
        #expect(statements.first?.hasPrefix("UPDATE job SET") == true)
    }

    @Test func claimNeitherScansNorSorts() throws {
        let store = try folder.jobs()
        let plan = try store.pool.read { db in
            try Row.fetchAll(
                db, sql: "EXPLAIN QUERY PLAN " + JobStore.claimSQL,
                arguments: ["now": 0, "leaseExpires": 0, "worker": "", "claim": 1, "latest": 0]
            ).map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.contains("USING COVERING INDEX job_queue") || $0.contains("USING INDEX job_queue") })
        #expect(!plan.contains { $0.contains("TEMP B-TREE") })
    }

    @Test func reportsAreStored() throws {
        let store = try folder.jobs()
        let job = try #require(try store.claimSample())
        #expect(try store.setPredictedTimestep(id: job.id, 160, claim: job.claim))
        #expect(try store.setProgress(id: job.id, 0.5, claim: job.claim))
        let now = try #require(try store.job(id: job.id))
        #expect((now.predictedTimestep, now.progress, now.leaseExpiresAt) == (160, 0.5, job.leaseExpiresAt))
    }

    @Test func progressStaysWithinItsBoundsAndNeverFalls() throws {
        let store = try folder.jobs()
        let id = try #require(try store.claimSample()).id
        for (given, stored) in [(-1.0, 0.0), (.nan, 0), (0.4, 0.4), (0.2, 0.4), (.infinity, 1), (0.5, 1)] {
            #expect(try store.setProgress(id: id, given))
            #expect(try store.job(id: id)?.progress == stored)
        }
    }

    @Test func finish() throws {
        let store = try folder.jobs()
        let claimed = try #require(try store.claimSample()), id = claimed.id
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        let job = try store.finish(id: id, JobOutput(format: "png", bytes: 77, stageSeconds: "{}"), claim: claimed.claim, now: now)
        #expect((job.state, job.progress, job.finishedAt, job.leaseExpiresAt) == (.succeeded, 1, now, nil))
        #expect(job.output == JobOutput(format: "png", bytes: 77, stageSeconds: "{}"))
        #expect(try store.job(id: id) == job)
    }

    @Test func fail() throws {
        let store = try folder.jobs()
        let id = try #require(try store.claimSample()).id
        let job = try store.fail(id: id, problemType: "unreadable_image", detail: "broken off")
        #expect((job.state, job.problemType, job.problemDetail) == (.failed, "unreadable_image", "broken off"))
        #expect(job.finishedAt != nil)
    }

    @Test func aCancelAfterTheLastReportLoses() throws {
        let store = try folder.jobs()
        let id = try #require(try store.claimSample()).id
        _ = try store.cancel(id: id)
        #expect(try store.finish(id: id, JobOutput(format: "png", bytes: 1)).state == .succeeded)
    }

    /// A final job takes no report and no second end.
    @Test(arguments: [JobState.succeeded, .failed, .cancelled])
    func aFinalStateIsFinal(_ state: JobState) throws {
        let store = try folder.jobs()
        let id = try #require(try store.claimSample()).id
        switch state {
        case .failed: try store.fail(id: id, problemType: "p", detail: "d")
        case .cancelled: try store.markCancelled(id: id)
        default: try store.finish(id: id, JobOutput(format: "png", bytes: 1))
        }
        let before = try store.job(id: id)
        #expect(before?.state == state)
        let conflict = StorageError.conflict(id: id, state: state)
        #expect(throws: conflict) { try store.finish(id: id, JobOutput(format: "x", bytes: 2)) }
        #expect(throws: conflict) { try store.fail(id: id, problemType: "q", detail: "e") }
        #expect(throws: conflict) { try store.markCancelled(id: id) }
        #expect(throws: conflict) { try store.release(id: id) }
        #expect(throws: conflict) { try store.cancel(id: id) }
        #expect(try !store.setProgress(id: id, 0.5))
        #expect(try !store.setPredictedTimestep(id: id, 5))
        #expect(try store.requeueRunning() == [])
        #expect(try store.claim(leaseSeconds: 1, worker: "w") == nil)
        #expect(try store.job(id: id) == before)
    }

    @Test func aQueuedJobCannotBeSettled() throws {
        let store = try folder.jobs()
        let id = try store.enqueue(.sample()).id
        #expect(throws: StorageError.conflict(id: id, state: .queued)) {
            try store.finish(id: id, JobOutput(format: "png", bytes: 1))
        }
        #expect(try !store.setProgress(id: id, 0.5))
    }
}

/// Guarded by its lock.
private final class StatementLog: @unchecked Sendable {
    private let lock = NSLock()
    private var statements: [String] = []

    func add(_ statement: String) {
        lock.withLock { statements.append(statement) }
    }

    func all() -> [String] {
        lock.withLock { statements }
    }
}
