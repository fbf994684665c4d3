import Foundation
import GRDB
import Storage
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct OperationsResourceTests {
    @Test func saysThatItIsAliveAndReady() throws {
        let fixture = try ServiceFixture {
            $0.workers = 2
            $0.maxQueued = 7
        }
        #expect(try fixture.call("GET", "/healthz").status == 200)
        #expect(try fixture.call("HEAD", "/healthz").body.isEmpty)
        let ready = try fixture.call("GET", "/readyz")
        #expect(ready.status == 200)
        #expect(
            try ready.json
                == .object([
                    "status": .string("ready"), "model": .string(fixture.engine.modelName), "model_hash": .string(fixture.engine.modelHash),
                    "version": .string(Version.current),
                    "workers": .integer(2), "queued": .integer(0), "queue_limit": .integer(7),
                ]))
    }

    @Test func isNotReadyWithoutADatabase() throws {
        let fixture = try ServiceFixture()
        try fixture.intruder().write { try $0.execute(sql: "DROP TABLE job") }
        let answer = try fixture.call("GET", "/readyz")
        #expect(answer.status == 503)
        #expect(try answer.problem == "not_ready")
        // Alive all the same; what needs the database says so without its details.
        #expect(try fixture.call("GET", "/healthz").status == 200)
        let broken = try fixture.call("GET", "/v1/jobs")
        #expect(broken.status == 503)
        #expect(try broken.problem == "store_unavailable")
        #expect(!broken.text.lowercased().contains("sqlite"))
    }

    @Test func isNotReadyWithoutRoomForTheLargestPicture() throws {
        let fixture = try ServiceFixture { $0.maxBodyBytes = 1 << 60 }
        let answer = try fixture.call("GET", "/readyz")
        #expect(answer.status == 503)
        #expect(try answer.json["limit"] == .integer(1 << 60))
    }

    @Test func otherPathsAndMethodsAreProblems() throws {
        let fixture = try ServiceFixture()
        let missing = try fixture.call("GET", "/v1/nothing")
        #expect(missing.status == 404)
        #expect(try missing.problem == "not_found")
        let wrong = try fixture.call("DELETE", "/v1/jobs")
        #expect(wrong.status == 405)
        #expect(wrong.fields["allow"] == "POST, GET, HEAD, OPTIONS")
        let options = try HTTPLoopbackClient(port: fixture.port)  // no operation of the contract
        options.send("OPTIONS /v1/deblur HTTP/1.1\r\nHost: a\r\n\r\n")
        let possible = try options.answer()
        #expect(possible.status == 204 && possible.fields["allow"] == "POST, OPTIONS")
        #expect(try fixture.call("GET", "/healthz", body: Data(count: 4_097)).status == 413)
        #expect(try fixture.call("GET", "/healthz", body: Data(count: 4_096)).status == 200)
    }

    @Test func malformedHTTPGetsAProblemAndIsClosed() throws {
        let fixture = try ServiceFixture()
        let client = try HTTPLoopbackClient(port: fixture.port)
        client.send("GET /healthz HTTP/1.1\nHost: a\n\n")
        let answer = try client.answer()
        #expect(answer.status == 400)
        #expect(try answer.problem == "malformed_request")
        #expect(try client.isClosedByServer())
    }
}
