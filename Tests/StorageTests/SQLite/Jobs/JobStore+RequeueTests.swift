import Foundation
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct JobStoreRequeueTests {
    private let folder: TemporaryFolder
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func runningJobsWaitAgainInTheirOldPlace() throws {
        let store = try folder.jobs(maxQueued: 3)
        let ids = try store.enqueueSamples(3)
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        _ = try store.setProgress(id: ids[0], 0.7)
        let last = try store.enqueue(.sample()).id

        // A new process; its queue is over the limit now, and still nothing is lost.
        let next = try folder.jobs(maxQueued: 1)
        #expect(try next.requeueRunning() == 2)
        #expect(try next.requeueRunning() == 0)
        let job = try #require(try next.job(id: ids[0]))
        #expect((job.state, job.progress, job.attempts, job.leaseExpiresAt) == (.queued, 0, 1, nil))
        #expect(try next.snapshot().queued.map(\.id) == ids + [last])
        #expect(try next.claim(leaseSeconds: 60, worker: "w")?.attempts == 2)
    }

    @Test func aJobThatUsedUpItsAttemptsFails() throws {
        let store = try folder.jobs()
        let id = try store.enqueue(.sample()).id
        for attempt in 1...3 {
            #expect(try store.claim(leaseSeconds: 60, worker: "w")?.attempts == attempt)
            #expect(try store.requeueRunning(maxAttempts: 3, now: start) == (attempt < 3 ? 1 : 0))
        }
        let job = try #require(try store.job(id: id))
        #expect((job.state, job.problemType, job.finishedAt) == (.failed, "interrupted", start))
        #expect(job.problemDetail?.contains("interrupted 3 times, the limit is 3") == true)
        #expect(try store.claim(leaseSeconds: 60, worker: "w") == nil)
    }

    @Test func aCancelSurvivesTheRestart() throws {
        let store = try folder.jobs()
        let id = try #require(try store.claimSample()).id
        _ = try store.cancel(id: id)
        #expect(try folder.jobs().requeueRunning(maxAttempts: 1) == 0)
        let job = try #require(try store.job(id: id))
        #expect((job.state, job.problemType) == (.cancelled, nil))
    }

    /// The worker whose job was taken back reports while another one has the job.
    @Test func aLateWorkerChangesNothing() throws {
        let store = try folder.jobs()
        let id = try store.enqueue(.sample()).id
        let first = try #require(try store.claim(now: start, leaseSeconds: 10, worker: "slow"))
        #expect(try store.requeueRunning() == 1)
        let second = try #require(try store.claim(leaseSeconds: 10, worker: "fast"))
        #expect(second.id == first.id)

        #expect(try !store.setProgress(id: id, 0.9, attempt: first.attempts))
        #expect(try !store.setPredictedTimestep(id: id, 9, attempt: first.attempts))
        let conflict = StorageError.conflict(id: id, state: .running)
        #expect(throws: conflict) {
            try store.finish(id: id, JobOutput(format: "png", bytes: 1), attempt: first.attempts)
        }
        #expect(throws: conflict) { try store.fail(id: id, problemType: "p", detail: "d", attempt: first.attempts) }
        #expect(throws: conflict) { try store.markCancelled(id: id, attempt: first.attempts) }
        #expect(throws: conflict) { try store.release(id: id, attempt: first.attempts) }
        #expect(try store.job(id: id) == second)
        #expect(try store.setProgress(id: id, 0.1, attempt: second.attempts))
    }

    @Test func aReleasedJobHasLostNoAttempt() throws {
        let store = try folder.jobs()
        let id = try store.enqueue(.sample()).id
        for _ in 0..<5 {
            let job = try #require(try store.claim(leaseSeconds: 60, worker: "w"))
            #expect(job.attempts == 1)
            #expect(try store.release(id: id, attempt: 1).state == .queued)
        }
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        _ = try store.cancel(id: id)
        #expect(try store.release(id: id).state == .cancelled)
    }
}
