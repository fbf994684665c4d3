import Foundation
import Storage
import Testing
@testable import Engine
@testable import Server

/// GET /v1/jobs/{id}/kernels.
@Suite(.timeLimit(.minutes(60))) struct KernelsResourceTests {
    /// A service with one finished job.
    private func finished(_ format: ImageFormat = .png, _ query: String = "", picture: Data? = nil) throws -> (ServiceFixture, id: String) {
        let fixture = try ServiceFixture()
        let id = try fixture.submit(picture ?? ServicePictures.picture(60, 40, format: format), query)
        #expect(try fixture.finished(id).state == .succeeded)
        return (fixture, id)
    }

    @Test func theMotionIsDrawnOverThePhotograph() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let id = try fixture.submit(ServicePictures.picture(60, 40))
        try fixture.engine.waitUntilHeld()
        // Behind the running job as far as the gate goes, and not behind the queue.
        let client = try HTTPLoopbackClient(port: fixture.port)
        ServiceFixture.send(client, "GET", "/v1/jobs/\(id)/kernels")
        try fixture.engine.waitUntilHeld()
        fixture.engine.open()
        let answer = try client.answer()
        #expect(answer.status == 200 && answer.fields["content-type"] == "image/png")
        let info = try ImageInfo(of: Data(answer.body))
        #expect((info.width, info.height) == (60, 40))
        let scale = try #require(answer.fields["fidediff-motion-scale"].flatMap(Double.init))
        #expect((0.25...6).contains(scale))
        let part = try fixture.call("GET", "/v1/jobs/\(id)/kernels", fields: ["Range": "bytes=0-7"])
        #expect(part.status == 206 && part.fields["fidediff-motion-scale"] == answer.fields["fidediff-motion-scale"])
        let coarse = try fixture.call("GET", "/v1/jobs/\(id)/kernels?across=8")
        #expect(coarse.body != answer.body && coarse.fields["etag"] != answer.fields["etag"])
        for across in ["7", "25", "x"] {
            #expect(try fixture.call("GET", "/v1/jobs/\(id)/kernels?across=\(across)").problem == "invalid_parameter")
        }
        let damaged = try fixture.submit(ServicePictures.damaged())
        #expect(try fixture.call("GET", "/v1/jobs/\(damaged)/kernels").problem == "unreadable_image")
    }
}
