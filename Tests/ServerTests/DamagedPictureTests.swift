import Engine
import Foundation
import GRDB
import Storage
import Testing
@testable import Server

/// Stored pictures that are no longer what was stored.
@Suite(.timeLimit(.minutes(60))) struct DamagedPictureTests {
    private func file(_ fixture: ServiceFixture, _ id: String, _ kind: BlobKind) -> URL {
        fixture.folder.appendingPathComponent("pictures/\(id).\(kind.rawValue)")
    }

    /// A bit has turned over: the result is computed anew for whoever sends the picture again, and not handed on.
    @Test func aDamagedResultIsNotReused() throws {
        let fixture = try ServiceFixture { $0.reusesResults = true }
        let picture = try ServicePictures.picture(), id = try fixture.submit(picture)
        let whole = try #require(try fixture.finished(id).output)
        var bytes = try Data(contentsOf: file(fixture, id, .output))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file(fixture, id, .output))
        let next = try fixture.finished(fixture.submit(picture))
        #expect((next.output?.reusedFrom, next.output?.hash, fixture.engine.count) == (nil, whole.hash, 2))
        // The newest whole one is what is reused.
        #expect(try fixture.finished(fixture.submit(picture)).output?.reusedFrom == next.id)
    }

    @Test(arguments: [0, 5])
    func aResultThatWasCutOffIsGone(_ length: Int) throws {
        let fixture = try ServiceFixture { $0.reusesResults = true }
        let picture = try ServicePictures.picture(), id = try fixture.submit(picture)
        _ = try fixture.finished(id)
        for kind in [BlobKind.input, .output] {
            try Data(contentsOf: file(fixture, id, kind)).prefix(length).write(to: file(fixture, id, kind))
        }
        let result = try fixture.call("GET", "/v1/jobs/\(id)/result"), input = try fixture.call("GET", "/v1/jobs/\(id)/input")
        #expect(try (result.status, result.problem) == (410, "result_gone"))
        #expect(try (input.status, input.problem) == (410, "input_gone"))
        #expect(try fixture.finished(fixture.submit(picture)).output?.reusedFrom == nil)
    }

    /// The client's picture was right: the disk is to blame, and the problem says so.
    @Test func aDamagedPhotographIsNotDeblurred() throws {
        let fixture = try ServiceFixture(isLoaded: false)
        let id = try Intake(jobs: fixture.jobs, blobs: fixture.blobs, maxPixels: 10_000).accept(ServicePictures.picture()).id
        var bytes = try Data(contentsOf: file(fixture, id, .input))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file(fixture, id, .input))
        fixture.service.begin(with: fixture.engine)
        let job = try fixture.finished(id)
        #expect((job.state, job.problemType, fixture.engine.count) == (.failed, "input_gone", 0))
    }

    /// The folder refuses to let go of a file: the client is told that the job is gone, and the sweep tries again.
    @Test func aDeletionThatFailsIsTriedAgain() throws {
        let record = LogRecord()
        let fixture = try ServiceFixture(logger: record.logger)
        let id = try fixture.submit(ServicePictures.picture())
        _ = try fixture.finished(id)
        // A folder that holds something cannot be unlinked.
        let output = file(fixture, id, .output)
        try FileManager.default.removeItem(at: output)
        try FileManager.default.createDirectory(at: output.appendingPathComponent("x"), withIntermediateDirectories: true)
        #expect(try fixture.call("DELETE", "/v1/jobs/\(id)").status == 204)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)").status == 404)
        #expect(record.contains("cannot remove the pictures of a deleted job yet"))
        #expect(try fixture.jobs.garbage() == [id])
        #expect(throws: StorageError.self) { try fixture.service.retention.sweep(now: Date()) }
        try FileManager.default.removeItem(at: output)
        try Data([1]).write(to: output)
        try fixture.service.retention.sweep(now: Date())
        #expect(try fixture.jobs.garbage() == [] && fixture.blobs.files().isEmpty)
    }

    /// The commit failed, and nobody knows whether it is on disk: the picture stays until one goes through.
    @Test func aPictureWhoseCommitIsInDoubtStays() throws {
        let fixture = try ServiceFixture()
        let doubtful = DoubtfulPictures(), id = JobID.make()
        let intake = Intake(jobs: fixture.jobs, blobs: fixture.blobs, maxPixels: 10_000, doubtful: doubtful)
        let intruder = try fixture.intruder()
        try intruder.write { try $0.execute(sql: "CREATE TRIGGER fail BEFORE INSERT ON job BEGIN SELECT no_such_function(); END") }
        #expect(throws: StorageError.self) { try intake.accept(ServicePictures.picture(), id: id) }
        #expect(fixture.blobs.bytes(id: id, kind: .input) != nil && doubtful.all == [id])
        let garbage = GarbageSweep(jobs: fixture.jobs, blobs: fixture.blobs, doubtful: doubtful, logger: LogRecord().logger)
        try intruder.write { try $0.execute(sql: "DROP TRIGGER fail") }
        try garbage.run()
        #expect(fixture.blobs.bytes(id: id, kind: .input) == nil && doubtful.all.isEmpty)

        // What is refused for its own sake leaves nothing.
        let none = try JobStore(directory: fixture.folder, maxQueued: 0)
        let full = Intake(jobs: none, blobs: fixture.blobs, maxPixels: 10_000, doubtful: doubtful)
        #expect(throws: StorageError.self) { try full.accept(ServicePictures.picture()) }
        #expect(try fixture.blobs.files().isEmpty && doubtful.all.isEmpty)
    }

    /// An orderly stop leaves no picture that was refused in doubt.
    @Test func aStopRemovesWhatWasRefusedInDoubt() throws {
        let fixture = try ServiceFixture()
        let intruder = try fixture.intruder()
        try intruder.write { try $0.execute(sql: "CREATE TRIGGER fail BEFORE INSERT ON job BEGIN SELECT no_such_function(); END") }
        #expect(try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture()).problem == "store_unavailable")
        #expect(try fixture.blobs.files().count == 1)
        try intruder.write { try $0.execute(sql: "DROP TRIGGER fail") }
        fixture.service.stop()
        #expect(try fixture.blobs.files().isEmpty)
    }

    /// Beyond its age a job is gone before the sweep comes by: not found, not reused, its key free.
    @Test func whatIsBeyondItsAgeIsGoneAtOnce() throws {
        let fixture = try ServiceFixture {
            $0.reusesResults = true
            $0.retention.maxAgeSeconds = 3_600
        }
        let picture = try ServicePictures.picture(), named = ["Idempotency-Key": "\"a\""]
        let answer = try fixture.call("POST", "/v1/jobs", body: picture, fields: named)
        let id = try #require(try answer.json["id"]?.string)
        _ = try fixture.finished(id)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)").status == 200)
        try fixture.intruder().write { try $0.execute(sql: "UPDATE job SET finished_ms = finished_ms - 3600000") }
        let gone = try fixture.call("GET", "/v1/jobs/\(id)")
        #expect(try (gone.status, gone.problem) == (410, "job_expired"))
        let again = try fixture.call("POST", "/v1/jobs", body: picture, fields: named)
        #expect(again.status == 202 && again.fields["idempotent-replayed"] == nil && again.fields["fidediff-reused-from"] == nil)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)").status == 410, "buried")
    }

    /// Values that are not finite, time and again: the weights are broken, and the service says that it is of no use.
    @Test func brokenWeightsTurnReadiness() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(failure: DeblurError.numericalFault(stage: "unet")))
        for count in 1...3 {
            #expect(try fixture.call("GET", "/readyz").status == (count <= 3 ? 200 : 503))
            _ = try fixture.finished(fixture.submit(ServicePictures.picture()))
        }
        let answer = try fixture.call("GET", "/readyz")
        #expect(try answer.status == 503 && answer.json["detail"]?.string?.contains("not finite") == true)
    }

    /// Nothing can be written: /readyz tells, and is ready again by itself.
    @Test func failedWritesTurnReadiness() throws {
        let fixture = try ServiceFixture()
        let intruder = try fixture.intruder()
        try intruder.write { try $0.execute(sql: "CREATE TRIGGER fail BEFORE INSERT ON job BEGIN SELECT no_such_function(); END") }
        #expect(try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture()).problem == "store_unavailable")
        #expect(try fixture.call("GET", "/readyz").status == 503)
        try ServiceFixture.wait { try fixture.call("GET", "/readyz").status == 200 }
    }
}
