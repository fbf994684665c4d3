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
        #expect(try next.requeueRunning().map(\.state) == [.queued, .queued])
        #expect(try next.requeueRunning() == [])
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
            #expect(try store.requeueRunning(maxAttempts: 3, now: start).map(\.state) == [attempt < 3 ? .queued : .failed])
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
        #expect(try folder.jobs().requeueRunning(maxAttempts: 1).map(\.state) == [.cancelled])
        let job = try #require(try store.job(id: id))
        #expect((job.state, job.problemType) == (.cancelled, nil))
    }

    /// The worker whose job was taken back reports while another one has the job.
    @Test func aLateWorkerChangesNothing() throws {
        let store = try folder.jobs()
        let id = try store.enqueue(.sample()).id
        let first = try #require(try store.claim(now: start, leaseSeconds: 10, worker: "slow"))
        #expect(try store.requeueRunning().map(\.state) == [.queued])
        let second = try #require(try store.claim(leaseSeconds: 10, worker: "fast"))
        #expect(second.id == first.id)

        #expect(try !store.setProgress(id: id, 0.9, claim: first.claim))
        #expect(try !store.setPredictedTimestep(id: id, 9, claim: first.claim))
        let conflict = StorageError.conflict(id: id, state: .running)
        #expect(throws: conflict) {
            try store.finish(id: id, JobOutput(format: "png", bytes: 1), claim: first.claim)
        }
        #expect(throws: conflict) { try store.fail(id: id, problemType: "p", detail: "d", claim: first.claim) }
        #expect(throws: conflict) { try store.markCancelled(id: id, claim: first.claim) }
        #expect(throws: conflict) { try store.release(id: id, claim: first.claim) }
        #expect(try store.job(id: id) == second)
        #expect(try store.setProgress(id: id, 0.1, claim: second.claim))
    }

    @Test func aReleasedJobHasLostNoAttempt() throws {
        let store = try folder.jobs()
        let id = try store.enqueue(.sample()).id
        for _ in 0..<5 {
            let job = try #require(try store.claim(leaseSeconds: 60, worker: "w"))
            #expect(job.attempts == 1)
            #expect(try store.release(id: id, claim: job.claim).state == .queued)
        }
        _ = try store.claim(leaseSeconds: 60, worker: "w")
        _ = try store.cancel(id: id)
        #expect(try store.release(id: id).state == .cancelled)
    }

    /// A fault that is not the job's: it keeps its place and its attempts, and others go before it meanwhile.
    @Test func aJobThatPausesIsPassedAndComesBack() throws {
        let store = try folder.jobs()
        let ids = try store.enqueueSamples(2)
        for round in 1...3 {
            let job = try #require(try store.claim(now: start, leaseSeconds: 60, worker: "w"))
            #expect((job.id, job.attempts, job.postponements) == (ids[0], 1, round - 1))
            let given = try store.release(id: job.id, claim: job.claim, pauseSeconds: 10, now: start)
            #expect((given.state, given.attempts, given.nextAttemptAt) == (.queued, 0, start.addingTimeInterval(10)))
            #expect(try store.snapshot().queued.map(\.id) == ids, "its place is the same")
            let other = try #require(try store.claim(now: start.addingTimeInterval(9.9), leaseSeconds: 60, worker: "w"))
            #expect(other.id == ids[1])
            try store.release(id: other.id, claim: other.claim)
            let again = try #require(try store.claim(now: start.addingTimeInterval(10), leaseSeconds: 60, worker: "w"))
            #expect((again.id, again.nextAttemptAt) == (ids[0], nil))
            try store.release(id: again.id, claim: again.claim)
        }
    }

    /// A pause that no pause can be: the clock was three days ahead when it was made.
    @Test func aClockThatWasSetBackHoldsNoJobUp() throws {
        let store = try folder.jobs()
        let job = try #require(try store.claimSample())
        try store.release(id: job.id, claim: job.claim, pauseSeconds: 1e9, now: start.addingTimeInterval(3 * 86_400))
        #expect(try store.claim(now: start, leaseSeconds: 60, worker: "w")?.id == job.id)
    }

    /// The number of attempts comes back when a job is given back; the claim does not.
    @Test func aWorkerWhoseJobWasGivenBackForItChangesNothing() throws {
        let store = try folder.jobs()
        let first = try #require(try store.claimSample())
        try store.release(id: first.id, claim: first.claim)
        let second = try #require(try store.claim(leaseSeconds: 60, worker: "w"))
        #expect(first.attempts == second.attempts && first.claim != second.claim)
        #expect(throws: StorageError.conflict(id: first.id, state: .running)) {
            try store.finish(id: first.id, JobOutput(format: "png", bytes: 1), claim: first.claim)
        }
        #expect(throws: StorageError.conflict(id: first.id, state: .running)) { try store.release(id: first.id, claim: first.claim) }
        #expect(try store.job(id: first.id) == second)
    }

    @Test func onlyWhatIsRenewedIsKept() throws {
        let store = try folder.jobs()
        _ = try store.enqueueSamples(2)
        let jobs = try (0..<2).map { _ in try #require(try store.claim(now: start, leaseSeconds: 30, worker: "w")) }
        let later = start.addingTimeInterval(31)
        let claims = [jobs[0].id: jobs[0].claim ?? 0, jobs[1].id: -1, "unknown": 5]
        #expect(try store.renew(claims, now: later, leaseSeconds: 30) == [jobs[0].id])
        let taken = try store.rescue(pauseSeconds: 60, now: later)
        #expect(taken.map(\.id) == [jobs[1].id])
        #expect((taken.first?.state, taken.first?.attempts, taken.first?.nextAttemptAt) == (.queued, 1, later.addingTimeInterval(60)))
        #expect(try store.job(id: jobs[0].id)?.state == .running)
        #expect(try store.rescue(pauseSeconds: 60, now: later) == [])
        #expect(try store.renew(claims, now: later, leaseSeconds: 30) == [jobs[0].id], "not the one that was taken back")
    }

    @Test func aJobThatHangsAtEachAttemptFails() throws {
        let store = try folder.jobs()
        let id = try store.enqueue(.sample()).id
        for attempt in 1...3 {
            let now = start.addingTimeInterval(Double(attempt) * 1_000)
            #expect(try store.claim(now: now, leaseSeconds: 30, worker: "w")?.id == id)
            let taken = try store.rescue(maxAttempts: 3, pauseSeconds: 60, now: now.addingTimeInterval(31))
            #expect(taken.map(\.state) == [attempt < 3 ? .queued : .failed])
        }
        #expect(try store.job(id: id)?.problemType == "timed_out")
    }

    @Test func aFailedJobIsTriedAgainAsIfItWereNew() throws {
        let store = try folder.jobs(maxQueued: 1)
        var new = NewJob.sample()
        new.context.webhookURL = "https://example.org/hook"
        let id = try store.enqueue(new).id
        #expect(throws: StorageError.conflict(id: id, state: .queued)) { try store.retry(id: id) }
        #expect(throws: StorageError.notFound(id: "x")) { try store.retry(id: "x") }
        for round in 1...2 {
            let job = try #require(try store.claim(leaseSeconds: 60, worker: "w"))
            #expect((job.attempts, job.retries) == (1, round - 1))
            _ = try store.setPredictedTimestep(id: id, 7, claim: job.claim)
            try store.fail(id: id, problemType: "internal_error", detail: "d", claim: job.claim)
            #expect(try store.webhook(jobID: id)?.id == (round == 1 ? "msg_\(id)" : "msg_\(id)_1"))
            let other = try store.enqueue(.sample()).id
            #expect(throws: StorageError.queueFull(limit: 1, queued: 1)) { try store.retry(id: id) }
            _ = try store.cancel(id: other)
            let again = try store.retry(id: id)
            #expect((again.state, again.attempts, again.progress, again.retries) == (.queued, 0, 0, round))
            #expect(again.problemType == nil && again.finishedAt == nil && again.predictedTimestep == nil && again.sequence == job.sequence)
        }
    }
}
