import Engine
import Foundation
import GRDB
import Storage
import Testing
@testable import Server

/// Disk, descriptors and database fail for a while: no accepted job ends by it, and none loses an attempt.
@Suite(.timeLimit(.minutes(60))) struct TransientFaultTests {
    /// Something that is no file stands at a picture's place; reading and writing there fail.
    private func obstruct(_ url: URL) throws {
        if FileManager.default.fileExists(atPath: url.path) {
            try FileManager.default.moveItem(at: url, to: url.appendingPathExtension("kept"))
        }
        try FileManager.default.createDirectory(at: url.appendingPathComponent("in the way"), withIntermediateDirectories: true)
    }

    private func clear(_ url: URL) throws {
        try FileManager.default.removeItem(at: url)
        let kept = url.appendingPathExtension("kept")
        if FileManager.default.fileExists(atPath: kept.path) { try FileManager.default.moveItem(at: kept, to: url) }
    }

    private func picture(_ fixture: ServiceFixture, _ id: String, _ kind: BlobKind) -> URL {
        fixture.folder.appendingPathComponent("pictures/\(id).\(kind.rawValue)")
    }

    @Test(arguments: [BlobKind.input, .output])
    func aFaultOfTheDiskPostponesTheJob(_ kind: BlobKind) throws {
        let record = LogRecord()
        let fixture = try ServiceFixture(isLoaded: false, logger: record.logger) { $0.workers = 1 }
        let id = JobID.make(), url = picture(fixture, id, kind)
        _ = try Intake(jobs: fixture.jobs, blobs: fixture.blobs, maxPixels: 10_000).accept(ServicePictures.picture(), id: id)
        try obstruct(url)
        fixture.service.begin(with: fixture.engine)
        try ServiceFixture.wait { try fixture.jobs.job(id: id)?.postponements ?? 0 >= 2 }
        #expect(try fixture.call("GET", "/metrics").text.contains("fidediff_jobs_settled_total{state=\"failed\"} 0\n"))
        try ServiceFixture.wait { fixture.service.metrics.current.postponed >= 2 }
        try ServiceFixture.wait { try fixture.jobs.job(id: id)?.nextAttemptAt != nil }
        let shown = try fixture.call("GET", "/v1/jobs/\(id)").json
        #expect(shown["attempts"] == .integer(0) || shown["state"] == .string("running"))
        try clear(url)
        let job = try fixture.finished(id)
        #expect((job.state, job.attempts, job.nextAttemptAt) == (.succeeded, 1, nil))
        #expect(record.contains("job postponed"))
    }

    /// A twin's result cannot be linked to.
    @Test func aFaultWhileATwinIsLookedForPostponesTheJob() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.workers = 1
            $0.reusesResults = true
        }
        let picture = try ServicePictures.picture()
        let first = try fixture.submit(picture)
        try fixture.engine.waitUntilHeld()
        let twin = try fixture.submit(picture)
        try obstruct(self.picture(fixture, twin, .output))
        fixture.engine.open()
        #expect(try fixture.finished(first).state == .succeeded)
        try ServiceFixture.wait { try fixture.jobs.job(id: twin)?.postponements ?? 0 >= 1 }
        try clear(self.picture(fixture, twin, .output))
        let job = try fixture.finished(twin)
        #expect((job.state, job.attempts, job.output?.reusedFrom) == (.succeeded, 1, first))
        #expect(fixture.engine.count == 1)
    }

    /// No descriptor is free while jobs are run: in a process of its own, whose limit falls and rises again.
    @Test func withoutDescriptorsJobsWait() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let fixture = try ServiceFixture(isLoaded: false) { $0.workers = 1 }
            let intake = Intake(jobs: fixture.jobs, blobs: fixture.blobs, maxPixels: 10_000)
            let ids = try (0..<3).map { _ in try intake.accept(ServicePictures.picture()).id }
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let before = limit.rlim_cur
            limit.rlim_cur = 3
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            fixture.service.begin(with: fixture.engine)
            try ServiceFixture.wait { fixture.service.metrics.current.postponed >= 2 }
            limit.rlim_cur = before
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            for id in ids {
                let job = try fixture.finished(id)
                guard job.state == .succeeded, job.attempts == 1 else { exit(1) }
            }
            exit(42)
        }
    }
}
