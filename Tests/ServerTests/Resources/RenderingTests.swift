import Foundation
import Storage
import Testing
@testable import Engine
@testable import Server

/// Pictures that are made on request.
@Suite(.timeLimit(.minutes(60))) struct RenderingTests {
    /// A service with one finished job.
    private func finished(_ format: ImageFormat = .png, _ query: String = "", picture: Data? = nil) throws -> (ServiceFixture, id: String) {
        let fixture = try ServiceFixture()
        let id = try fixture.submit(picture ?? ServicePictures.picture(60, 40, format: format), query)
        #expect(try fixture.finished(id).state == .succeeded)
        return (fixture, id)
    }

    @Test func picturesMadeOnRequestAreBounded() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.workers = 1
            $0.maxWaitingRenders = 1
        }
        let id = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let clients = try (0..<2).map { _ in try HTTPLoopbackClient(port: fixture.port) }
        ServiceFixture.send(clients[0], "GET", "/v1/jobs/\(id)/kernels")
        try fixture.engine.waitUntilHeld()
        ServiceFixture.send(clients[1], "GET", "/v1/jobs/\(id)/kernels")
        try ServiceFixture.wait { fixture.service.renders.waiting == 1 }
        let refused = try fixture.call("GET", "/v1/jobs/\(id)/kernels")
        #expect(try refused.status == 429 && refused.problem == "queue_full" && refused.fields["retry-after"] != nil)
        fixture.engine.open()
        for client in clients { #expect(try client.answer().status == 200) }
    }
}
