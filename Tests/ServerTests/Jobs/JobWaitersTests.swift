import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Engine
@testable import Server

/// Clients that wait for a job hear how it ends.
@Suite(.timeLimit(.minutes(60))) struct JobWaitersTests {
    @Test func aWaitingClientHearsThatItsJobWasCancelled() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        _ = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let client = try HTTPLoopbackClient(port: fixture.port)
        ServiceFixture.send(client, "POST", "/v1/deblur", try ServicePictures.picture())
        let id = try fixture.queuedJob().id
        #expect(try fixture.call("DELETE", "/v1/jobs/\(id)").status == 202)
        let answer = try client.answer()
        #expect(answer.status == 410)
        #expect(try answer.problem == "job_cancelled")
    }

    @Test func aWaitingClientHearsThatTheServiceStops() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let running = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let client = try HTTPLoopbackClient(port: fixture.port)
        ServiceFixture.send(client, "POST", "/v1/deblur", try ServicePictures.picture())
        _ = try fixture.queuedJob()
        fixture.service.waiters.stop()
        let answer = try client.answer()
        #expect(answer.status == 503)
        #expect(try answer.problem == "stopping")
        fixture.engine.open()
        let id = try #require(answer.fields["fidediff-job"])
        #expect(id != running)
        #expect(try fixture.jobs.job(id: id) != nil)
    }
}
