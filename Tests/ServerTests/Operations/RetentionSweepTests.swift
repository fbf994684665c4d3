import Foundation
import Storage
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct RetentionSweepTests {
    @Test func anExpiredJobIsGoneWithItsPictures() throws {
        let fixture = try ServiceFixture { $0.retention.maxAgeSeconds = 3_600 }
        let id = try fixture.submit(ServicePictures.picture())
        let job = try fixture.finished(id), finishedAt = try #require(job.finishedAt)
        let shown = try fixture.call("GET", "/v1/jobs/\(id)").json
        #expect(shown["expires_at"] == .string(RFC3339.text(finishedAt.addingTimeInterval(3_600))))

        #expect(try fixture.service.retention.sweep(now: finishedAt.addingTimeInterval(3_599)) == [])
        #expect(try fixture.call("GET", "/v1/jobs/\(id)/result").status == 200)
        #expect(try fixture.service.retention.sweep(now: finishedAt.addingTimeInterval(3_600)) == [ExpiredJob(id: id, reason: .age)])
        for (method, path) in [
            ("GET", ""), ("GET", "/result"), ("GET", "/input"), ("GET", "/kernels"), ("GET", "/events"), ("GET", "/webhook"),
            ("DELETE", ""),
        ] {
            let answer = try fixture.call(method, "/v1/jobs/\(id)\(path)")
            #expect(answer.status == 410, "\(method) \(path)")
            #expect(try answer.problem == "job_expired")
        }
        #expect(try fixture.blobs.files().isEmpty)
        #expect(try fixture.call("GET", "/v1/jobs").json["jobs"] == .array([]))
        #expect(try fixture.call("GET", "/v1/jobs/\(JobID.make())").status == 404)
        #expect(try fixture.call("GET", "/metrics").text.contains("fidediff_jobs_expired_total{reason=\"age\"} 1\n"))
    }

    /// An expired job is gone for who names it by its key or sends its picture, too; its output lives on where another job has it.
    @Test func anExpiredJobIsNeitherReusedNorReplayed() throws {
        let fixture = try ServiceFixture {
            $0.retention.maxAgeSeconds = 3_600
            $0.reusesResults = true
        }
        let picture = try ServicePictures.picture(), fields = ["Idempotency-Key": "once"]
        func submit(_ fields: [String: String]) throws -> (answer: HTTPLoopbackClient.Answer, id: String) {
            let answer = try fixture.call("POST", "/v1/jobs", body: picture, fields: fields)
            return (answer, try #require(try answer.json["id"]?.string))
        }
        func age(_ id: String, bySeconds seconds: Double) throws -> Date {
            try #require(try fixture.finished(id).finishedAt).addingTimeInterval(seconds)
        }
        let first = try submit(fields).id
        #expect(try fixture.finished(first).state == .succeeded)
        #expect(try submit(fields).answer.fields["idempotent-replayed"] == "true")
        let heir = try submit([:])
        #expect(heir.answer.fields["fidediff-reused-from"] == first)

        #expect(try fixture.jobs.expire(Retention(maxJobs: 1), now: age(heir.id, bySeconds: 61)).map(\.id) == [first])
        try fixture.blobs.remove(id: first)
        #expect(try fixture.call("GET", "/v1/jobs/\(first)").status == 410)
        #expect(try fixture.call("GET", "/v1/jobs/\(heir.id)/result").status == 200)

        #expect(try fixture.service.retention.sweep(now: age(heir.id, bySeconds: 3_600)).map(\.id) == [heir.id])
        let again = try submit(fields)
        #expect(
            again.id != first && again.answer.fields["idempotent-replayed"] == nil && again.answer.fields["fidediff-reused-from"] == nil)
        #expect(try fixture.finished(again.id).state == .succeeded)
        #expect(fixture.engine.count == 2)
    }

    /// What retention counts is what the pictures take on the disk.
    @Test func aPictureThatSeveralJobsHaveCountsOnce() throws {
        let engine = try GatedEngine(isClosed: true)
        let fixture = try ServiceFixture(engine: engine) {
            $0.workers = 1
            $0.reusesResults = true
        }
        let picture = try ServicePictures.picture()
        // The second waits for the first and takes its output; the third finds it there.
        var ids = try (0..<2).map { _ in try fixture.submit(picture) }
        try engine.waitUntilHeld()
        engine.open()
        for id in ids { _ = try fixture.finished(id) }
        ids.append(try fixture.submit(picture))
        let jobs = try ids.map { try #require(try fixture.jobs.job(id: $0)) }
        #expect(jobs[1].output?.reusedFrom != nil && jobs[2].output?.reusedFrom != nil && engine.count == 1)

        var onDisk: [Int: Int] = [:]  // bytes by inode
        for name in try fixture.blobs.files().map(\.name) {
            let file = try FileManager.default.attributesOfItem(atPath: fixture.folder.appendingPathComponent("pictures/\(name)").path)
            onDisk[try #require(file[.systemFileNumber] as? Int)] = file[.size] as? Int
        }
        let bytes = onDisk.values.reduce(0, +)
        #expect(bytes == 2 * jobs[0].inputBytes + (jobs[0].output?.bytes ?? 0))
        let totals = try fixture.jobs.totals()
        #expect(totals.inputBytes + totals.outputBytes == bytes)
        let later = Date().addingTimeInterval(120)
        #expect(try fixture.jobs.expire(Retention(maxBytes: bytes), now: later) == [])
        #expect(try fixture.jobs.expire(Retention(maxBytes: bytes - 1), now: later).count == 1)
    }

    @Test func withoutALimitOfTimeThereIsNoExpiry() throws {
        let fixture = try ServiceFixture { $0.retention.maxJobs = 1 }
        let ids = try (0..<2).map { _ in try fixture.submit(ServicePictures.picture()) }
        let jobs = try ids.map(fixture.finished)
        #expect(try fixture.call("GET", "/v1/jobs/\(ids[0])").json["expires_at"] == .null)
        let oldest = jobs.sorted { ($0.finishedAt ?? .distantPast, $0.sequence) < ($1.finishedAt ?? .distantPast, $1.sequence) }[0].id
        #expect(try fixture.service.retention.sweep(now: Date().addingTimeInterval(120)).map(\.id) == [oldest])
    }
}
