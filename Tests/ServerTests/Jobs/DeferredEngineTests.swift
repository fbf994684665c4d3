import Foundation
import Storage
import Testing
@testable import Server

/// An engine that is still loading.
@Suite(.timeLimit(.minutes(60))) struct DeferredEngineTests {
    @Test func picturesWaitForTheWeightsAndTheRestAnswers() throws {
        let fixture = try ServiceFixture(isLoaded: false)
        let ready = try fixture.call("GET", "/readyz")
        #expect(ready.status == 503)
        #expect(try ready.problem == "not_ready")
        #expect(ready.fields["retry-after"] != nil)
        #expect(try fixture.call("GET", "/healthz").status == 200)
        #expect(try fixture.call("GET", "/v1/jobs").status == 200)
        #expect(try fixture.call("GET", "/metrics").text.contains("fidediff_ready 0\n"))

        let clients = try ["/v1/deblur", "/v1/jobs", "/v1/blur-level"].map { path in
            let client = try HTTPLoopbackClient(port: fixture.port)
            ServiceFixture.send(client, "POST", path, try ServicePictures.picture())
            return client
        }
        #expect(try fixture.jobs.totals().jobs == [:])
        fixture.service.begin(with: fixture.engine)
        #expect(try clients.map { try $0.answer().status } == [200, 202, 200])
        #expect(try fixture.call("GET", "/readyz").status == 200)
    }

    @Test func onlySoManyPicturesWait() throws {
        let fixture = try ServiceFixture(isLoaded: false)
        let picture = try ServicePictures.picture(16, 16)
        let clients = try (0..<DeferredEngine.maxWaiting).map { _ in
            let client = try HTTPLoopbackClient(port: fixture.port)
            ServiceFixture.send(client, "POST", "/v1/jobs", picture)
            return client
        }
        try ServiceFixture.wait { fixture.service.heldPictures == DeferredEngine.maxWaiting }
        let refused = try fixture.call("POST", "/v1/jobs", body: picture)
        #expect(refused.status == 503)
        #expect(try refused.json["limit"] == .integer(DeferredEngine.maxWaiting))
        #expect(refused.fields["retry-after"] != nil)
        fixture.service.begin(with: fixture.engine)
        for client in clients { #expect(try client.answer().status == 202) }
    }

    @Test func whoWaitsIsToldOfTheStop() throws {
        let fixture = try ServiceFixture(isLoaded: false)
        let client = try HTTPLoopbackClient(port: fixture.port)
        ServiceFixture.send(client, "POST", "/v1/deblur", try ServicePictures.picture())
        try ServiceFixture.wait { fixture.service.heldPictures == 1 }
        fixture.service.stop()
        let answer = try client.answer()
        #expect(answer.status == 503)
        #expect(try answer.problem == "stopping")
    }

    /// Jobs of an earlier process wait for the weights too.
    @Test func oldJobsStartWithTheWeights() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-service-\(JobID.make())")
        let blobs = try BlobStore(directory: folder.appendingPathComponent("pictures"))
        let jobs = try JobStore(directory: folder, maxQueued: 10)
        let id = try Intake(jobs: jobs, blobs: blobs, maxPixels: 10_000)
            .accept(ServicePictures.picture()).id
        try jobs.close()
        let fixture = try ServiceFixture(folder: folder, isLoaded: false)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)").json["state"] == .string("queued"))
        fixture.service.begin(with: fixture.engine)
        #expect(try fixture.finished(id).state == .succeeded)
    }
}
