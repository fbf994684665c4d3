import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Engine
@testable import Server

/// POST /v1/deblur and POST /v1/blur-level.
@Suite(.timeLimit(.minutes(60))) struct DeblurResourceTests {
    @Test(arguments: [ImageFormat.png, .jpeg])
    func answersWithTheDeblurredPicture(format: ImageFormat) throws {
        let fixture = try ServiceFixture()
        let picture = try ServicePictures.picture(40, 24, format: format)
        let answer = try fixture.call("POST", "/v1/deblur", body: picture)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.fields["content-type"] == format.mediaType)
        let info = try ImageInfo(of: Data(answer.body))
        #expect(info.width == 40 && info.height == 24 && info.format == format)

        // The engine without a server gives the same.
        let direct = try fixture.engine.deblur(picture, options: DeblurOptions(), onTimestep: { _ in }, onProgress: { _ in })
        #expect(Data(answer.body) == direct.data)
        #expect(answer.fields["fidediff-predicted-timestep"] == String(direct.predictedTimestep))

        // It is a job like any other.
        let id = try #require(answer.fields["fidediff-job"])
        let job = try fixture.call("GET", "/v1/jobs/\(id)")
        #expect(try job.json["state"] == .string("succeeded"))
        #expect(try job.json["predicted_timestep"] == .integer(direct.predictedTimestep))
        #expect(try job.json["unchanged"] == .bool(false) && job.json["reblur_psnr"]?.number == direct.reblurPSNR)
        #expect(answer.fields["fidediff-unchanged"] == "false")
        #expect(answer.fields["fidediff-reblur-psnr"] == String(format: "%.2f", direct.reblurPSNR))
        #expect(try fixture.call("GET", "/v1/jobs/\(id)/result").body == answer.body)
    }

    @Test func damageFoundWhileDecodingFailsTheJob() throws {
        let fixture = try ServiceFixture { $0.maxPixels = 64 * 64 }
        let damaged = try ServicePictures.damaged()
        let answer = try fixture.call("POST", "/v1/deblur", body: damaged)
        #expect(answer.status == 422)
        #expect(try answer.problem == "unreadable_image")
        let id = try #require(answer.fields["fidediff-job"])
        #expect(try answer.json["job"] == .string("/v1/jobs/\(id)"))

        let job = try fixture.call("GET", "/v1/jobs/\(id)").json
        #expect(job["state"] == .string("failed"))
        #expect(job["problem"]?["type"]?.string == "urn:fidediff:problem:unreadable_image")
        #expect(job["problem"]?["status"]?.integer == 422)
        let result = try fixture.call("GET", "/v1/jobs/\(id)/result")
        #expect(result.status == 409)
        #expect(try result.problem == "job_failed")
        #expect(try fixture.call("POST", "/v1/blur-level", body: damaged).status == 422)
    }

    @Test func anEngineThatFailsIsA500AndAFailedJob() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(failure: DeblurError.numericalFault(stage: "latent")))
        let answer = try fixture.call("POST", "/v1/deblur", body: ServicePictures.picture())
        #expect(answer.status == 500)
        #expect(try answer.problem == "numerical_fault")
        #expect(try fixture.jobs.list().jobs.map(\.problemType) == ["numerical_fault"])
    }

    /// The client hangs up while its picture is being worked on.
    @Test func aClientThatGoesAwayLosesNothing() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true))
        do {
            let client = try HTTPLoopbackClient(port: fixture.port)
            ServiceFixture.send(client, "POST", "/v1/deblur", try ServicePictures.picture())
            try fixture.engine.waitUntilHeld()
        }
        fixture.engine.open()
        let id = try #require(try fixture.jobs.list().jobs.first?.id)
        #expect(try fixture.finished(id).state == .succeeded)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)/result").status == 200)
    }
}

extension ServiceFixture {
    /// The oldest job in state queued, once there is one.
    func queuedJob() throws -> Job {
        var found: Job?
        try Self.wait {
            found = try jobs.list(JobQuery(states: [.queued])).jobs.last
            return found != nil
        }
        return try #require(found)
    }

    /// Yields until `holds`, for what brings no news of itself.
    static func wait(until holds: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(GatedEngine.patienceSeconds)
        while try !holds() {
            guard ContinuousClock.now < deadline else { throw GatedEngine.TimedOut() }
            sched_yield()
        }
    }
}
