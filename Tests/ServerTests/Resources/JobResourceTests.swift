import Foundation
import Storage
import Testing
@testable import Server

/// GET and DELETE /v1/jobs/{id}.
@Suite(.timeLimit(.minutes(60))) struct JobResourceTests {
    @Test(arguments: ["nothing", "00000000000000000000000000", "..%2F..%2Fetc%2Fpasswd", "..%5C..", "%F0%9F%92%A9"])
    func unknownIDsAreNotFound(id: String) throws {
        let fixture = try ServiceFixture()
        for (method, path) in [("GET", "/v1/jobs/\(id)"), ("GET", "/v1/jobs/\(id)/result"), ("DELETE", "/v1/jobs/\(id)")] {
            let answer = try fixture.call(method, path)
            #expect(answer.status == 404, "\(answer.text)")
        }
    }

    @Test func deleteCancelsAQueuedJobAtOnce() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let first = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let second = try fixture.submit(ServicePictures.picture())
        let answer = try fixture.call("DELETE", "/v1/jobs/\(second)")
        #expect(answer.status == 202)
        #expect(try answer.json["state"] == .string("cancelled"))
        let result = try fixture.call("GET", "/v1/jobs/\(second)/result")
        #expect(result.status == 410)
        #expect(try result.problem == "job_cancelled")
        fixture.engine.open()
        _ = try fixture.finished(first)
        #expect(fixture.engine.count == 1, "a cancelled job was run")
    }

    @Test func deleteStopsARunningJobBetweenTiles() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) { $0.workers = 1 }
        let id = try fixture.submit(ServicePictures.picture())
        try fixture.engine.waitUntilHeld()
        let answer = try fixture.call("DELETE", "/v1/jobs/\(id)")
        #expect(answer.status == 202)
        #expect(try answer.json["state"] == .string("running"))
        #expect(try answer.json["cancel_requested"] == .bool(true))
        fixture.engine.open()
        #expect(try fixture.finished(id).state == .cancelled)
        #expect(throws: (any Error).self) { try fixture.blobs.url(id: id, kind: .output) }
    }

    @Test func deleteForgetsAFinishedJobAndItsPictures() throws {
        let fixture = try ServiceFixture()
        let id = try fixture.submit(ServicePictures.picture())
        _ = try fixture.finished(id)
        let answer = try fixture.call("DELETE", "/v1/jobs/\(id)")
        #expect(answer.status == 204)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)").status == 404)
        #expect(try fixture.call("GET", "/v1/jobs/\(id)/result").status == 404)
        #expect(try fixture.call("DELETE", "/v1/jobs/\(id)").status == 404)
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.appendingPathComponent("pictures").path)
        #expect(files.isEmpty)
    }
}
