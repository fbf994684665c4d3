import Foundation
import Storage
import Synchronization
import Testing
@testable import Server

/// Jobs that take too long, hang, or bring the process down.
@Suite(.timeLimit(.minutes(60))) struct HungJobTests {
    /// One job hangs for ever: it is taken back and tried again, then fails; the others go on meanwhile; /readyz and /metrics tell.
    @Test func aHungJobHoldsUpNobody() throws {
        let record = LogRecord()
        let engine = try GatedEngine(isClosed: true)
        let fixture = try ServiceFixture(engine: engine, logger: record.logger) {
            $0.workers = 1
            $0.work.maxAttempts = 1
            // Longer than the tiny model takes from one progress to the next, on a busy machine too.
            $0.work.stallSeconds = 3
            $0.work.leaseSeconds = 0.5
            $0.work.beatSeconds = 0.05
        }
        let hung = try fixture.submit(ServicePictures.picture())
        try engine.waitUntilHeld()
        let job = try fixture.finished(hung)
        #expect((job.state, job.problemType) == (.failed, "timed_out"))
        try ServiceFixture.wait { record.contains("a job hangs; its thread is written off") }
        #expect(fixture.service.metrics.current.settled[.failed] == 1 && fixture.service.metrics.current.rescued == 1)
        #expect(try fixture.call("GET", "/metrics").text.contains("\nfidediff_hung_threads 1\n"))

        // The gate is still closed: the next one, on the thread that took the place, stands there too.
        let next = try fixture.submit(ServicePictures.picture())
        try engine.waitUntilHeld()
        engine.open()
        _ = try fixture.finished(next)
        // The thread that hung comes back, and changes nothing.
        try ServiceFixture.wait { record.contains("a thread that was written off came back") }
        #expect(try fixture.jobs.job(id: hung) == job)
        #expect(try fixture.call("GET", "/metrics").text.contains("\nfidediff_hung_threads 0\n"))
        let last = try fixture.submit(ServicePictures.picture())
        #expect(try fixture.finished(last).state == .succeeded, "exactly one worker works")
    }

    @Test func aStalledJobIsTold() throws {
        let engine = try GatedEngine(isClosed: true)
        let fixture = try ServiceFixture(engine: engine) {
            $0.workers = 1
            $0.work.stallSeconds = 0.05
        }
        let id = try fixture.submit(ServicePictures.picture())
        try engine.waitUntilHeld()
        try ServiceFixture.wait { try fixture.call("GET", "/readyz").status == 503 }
        #expect(try fixture.call("GET", "/readyz").json["detail"]?.string?.contains("no progress") == true)
        #expect(try fixture.call("GET", "/metrics").text.contains("fidediff_ready 0\n"))
        engine.open()
        #expect(try fixture.finished(id).state == .succeeded)
        #expect(try fixture.call("GET", "/readyz").status == 200)
    }

    /// When all that may be replaced hang, the service says so and takes no more.
    @Test func lostThreadsAreBounded() throws {
        let engine = try GatedEngine(isClosed: true)
        let fixture = try ServiceFixture(engine: engine) {
            $0.workers = 1
            $0.work.maxAttempts = 1
            $0.work.stallSeconds = 2
            $0.work.leaseSeconds = 0.5
            $0.work.beatSeconds = 0.05
        }
        let ids = try (0..<6).map { _ in try fixture.submit(ServicePictures.picture()) }
        for id in ids[..<5] { #expect(try fixture.finished(id).problemType == "timed_out") }
        try ServiceFixture.wait { try fixture.call("GET", "/readyz").json["detail"]?.string?.contains("restart the service") == true }
        #expect(engine.count == 5)
        #expect(try fixture.jobs.job(id: ids[5])?.state == .queued, "accepted, and there for the next start")
        engine.open()
        #expect(try fixture.finished(ids[5]).state == .succeeded, "a thread that comes back takes its place again")
    }

    @Test func workBeyondItsLimitFails() throws {
        let fixture = try ServiceFixture {
            $0.work.leastSeconds = 0
            $0.work.secondsPerMegapixel = 1e-6
        }
        let job = try fixture.finished(fixture.submit(ServicePictures.picture(64, 64)))
        #expect((job.state, job.problemType) == (.failed, "timed_out"))
        #expect(job.problemDetail?.contains("4096 pixels") == true)
    }

    /// The stop does not wait for a thread that does not come back, and the job has lost nothing by it.
    @Test func aStopPutsAJobBackThatDoesNotNotice() throws {
        let engine = try GatedEngine(isClosed: true)
        let fixture = try ServiceFixture(engine: engine) { $0.workers = 1 }
        let id = try fixture.submit(ServicePictures.picture())
        try engine.waitUntilHeld()
        fixture.service.stop()
        let job = try #require(try fixture.jobs.job(id: id))
        #expect((job.state, job.attempts) == (.queued, 0))
        // The thread goes on, and its ending is refused.
        engine.open()
        try ServiceFixture.wait { fixture.service.isIdle }
        #expect(try fixture.jobs.job(id: id) == job)
    }

    /// The process goes down with a job as often as it may: the next start says so, in the log and in the counts.
    @Test func aPoisonJobIsLoggedAndCounted() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-service-\(JobID.make())")
        let jobs = try JobStore(directory: folder, maxQueued: 10)
        let blobs = try BlobStore(directory: folder.appendingPathComponent("pictures"))
        let id = try Intake(jobs: jobs, blobs: blobs, maxPixels: 10_000).accept(ServicePictures.picture()).id
        _ = try jobs.claim(leaseSeconds: 60, worker: "w")
        try jobs.close()
        let record = LogRecord()
        let fixture = try ServiceFixture(folder: folder, logger: record.logger) { $0.work.maxAttempts = 1 }
        #expect(try fixture.jobs.job(id: id)?.problemType == "interrupted")
        #expect(record.contains("job failed: its attempts are used up"))
        #expect(try fixture.call("GET", "/metrics").text.contains("fidediff_jobs_settled_total{state=\"failed\"} 1\n"))
    }
}
