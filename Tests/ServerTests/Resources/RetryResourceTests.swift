import Engine
import Foundation
import Storage
import Testing
@testable import Server

/// POST /v1/jobs/{id}/retry.
@Suite(.timeLimit(.minutes(60))) struct RetryResourceTests {
    @Test func aFailedJobIsTriedAgain() throws {
        let fixture = try ServiceFixture(isLoaded: false)
        let id = try Intake(jobs: fixture.jobs, blobs: fixture.blobs, maxPixels: 10_000).accept(ServicePictures.picture()).id
        let job = try #require(try fixture.jobs.claim(leaseSeconds: 60, worker: "w"))
        try fixture.jobs.fail(id: id, problemType: "internal_error", detail: "d", claim: job.claim)

        let answer = try fixture.call("POST", "/v1/jobs/\(id)/retry")
        #expect(answer.status == 202)
        #expect(answer.fields["location"] == "/v1/jobs/\(id)")
        let document = try answer.json
        #expect(document["state"] == .string("queued") && document["retries"] == .integer(1) && document["problem"] == .null)
        fixture.service.begin(with: fixture.engine)
        #expect(try fixture.finished(id).state == .succeeded)
    }

    @Test func onlyAFailedJobWhosePhotographIsThere() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(failure: DeblurError.numericalFault(stage: "unet")))
        let unknown = try fixture.call("POST", "/v1/jobs/\(JobID.make())/retry")
        #expect(try (unknown.status, unknown.problem) == (404, "unknown_job"))

        let id = try fixture.submit(ServicePictures.picture())
        #expect(try fixture.finished(id).problemType == "numerical_fault")
        try fixture.blobs.remove(id: id)
        let gone = try fixture.call("POST", "/v1/jobs/\(id)/retry")
        #expect(try (gone.status, gone.problem) == (410, "input_gone"))

        let held = try ServiceFixture(engine: GatedEngine(isClosed: true))
        let running = try held.submit(ServicePictures.picture())
        try held.engine.waitUntilHeld()
        let early = try held.call("POST", "/v1/jobs/\(running)/retry")
        #expect(try (early.status, early.problem) == (409, "job_not_failed"))
    }

    @Test func aFullQueueRefuses() throws {
        let fixture = try ServiceFixture(isLoaded: false) { $0.maxQueued = 1 }
        let intake = Intake(jobs: fixture.jobs, blobs: fixture.blobs, maxPixels: 10_000)
        let id = try intake.accept(ServicePictures.picture()).id
        let job = try #require(try fixture.jobs.claim(leaseSeconds: 60, worker: "w"))
        try fixture.jobs.fail(id: id, problemType: "internal_error", detail: "d", claim: job.claim)
        _ = try intake.accept(ServicePictures.picture())
        let answer = try fixture.call("POST", "/v1/jobs/\(id)/retry")
        #expect(try (answer.status, answer.problem) == (429, "queue_full"))
        #expect(answer.fields["retry-after"] != nil)
    }
}
