import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Engine
@testable import Server

/// What is refused before its body is read.
@Suite(.timeLimit(.minutes(60))) struct ServiceHandlerTests {
    @Test func bodiesOverTheLimitAreRefusedUnread() throws {
        let fixture = try ServiceFixture { $0.maxBodyBytes = 1_000 }
        let client = try HTTPLoopbackClient(port: fixture.port)
        // Only the head is sent: the answer comes without the body.
        client.send("POST /v1/deblur HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
        let answer = try client.answer()
        #expect(answer.status == 413)
        #expect(try answer.problem == "body_too_large")
        #expect(try answer.json["limit"] == .integer(1_000))
        #expect(try answer.json["measured"] == .integer(1_001))
        #expect(try fixture.call("POST", "/v1/jobs", body: Data(count: 1_000)).status == 415)
    }

    @Test func refusesUnreadWhatTheHeadShowsToBeInVain() throws {
        let fixture = try ServiceFixture()
        for (line, extra, status) in [
            ("POST /v1/nothing", "", 404), ("PUT /v1/deblur", "", 405), ("POST /v1/deblur?x=1", "", 400),
            ("POST /v1/deblur", "Content-Encoding: gzip\r\n", 415),
        ] {
            let client = try HTTPLoopbackClient(port: fixture.port)
            client.send("\(line) HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\(extra)Expect: 100-continue\r\n\r\n")
            #expect(try client.answer().status == status, "\(line)")
        }
        let coded = try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture(), fields: ["Content-Encoding": "gzip"])
        #expect(try coded.problem == "unsupported_content_coding")
        #expect(
            try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture(), fields: ["Content-Encoding": "identity"]).status == 202)
    }
}
