import Foundation
import Storage
import Testing
@testable import Server

/// Requests that are refused before their body, or before they could be read: told at once, and seen like all others.
@Suite(.timeLimit(.minutes(60))) struct EarlyRefusalTests {
    /// Only a head; the server must answer it without the body.
    private func head(_ fixture: ServiceFixture, _ path: String, _ fields: [String: String] = [:]) throws -> HTTPLoopbackClient.Answer {
        let client = try HTTPLoopbackClient(port: fixture.port)
        let lines = fields.merging(["Content-Length": "1000", "Expect": "100-continue"]) { $1 }.map { "\($0): \($1)\r\n" }.joined()
        client.send("POST \(path) HTTP/1.1\r\nHost: a\r\n\(lines)\r\n")
        return try client.answer()
    }

    @Test func theyAreLoggedAndNamedLikeAllOthers() throws {
        let log = LogLines()
        let fixture = try ServiceFixture(logger: log.logger) { $0.requiresKeys = true }
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        for (path, status, fields) in [
            ("/v1/deblur", 401, ["Authorization": "Bearer \(KeyText().text)", "traceparent": trace]), ("/nowhere", 404, [:]),
            ("/healthz", 405, [:]),
        ] as [(String, Int, [String: String])] {
            let answer = try head(fixture, path, fields)
            #expect(answer.status == status)
            let id = try #require(answer.fields["fidediff-request"])
            #expect(answer.fields["x-content-type-options"] == "nosniff" && answer.fields["server"] != nil)
            let line = try #require(try log.lines(of: "POST \(path)").last)
            #expect(line["status"] == .integer(status) && line["request"] == .string(id) && line["remote"] == .string("127.0.0.1"))
            if fields["traceparent"] != nil { #expect(line["trace_id"] == .string("0af7651916cd43dd8448eb211c80319c")) }
        }
        let client = try HTTPLoopbackClient(port: fixture.port)
        client.send("broken\r\n\r\n")
        let answer = try client.answer()
        let line = try #require(try log.lines(of: "unreadable request").last)
        #expect(answer.status == 400 && line["status"] == .integer(400) && line["request"]?.string == answer.fields["fidediff-request"])
        // One whose head was whole is named by it.
        let late = try HTTPLoopbackClient(port: fixture.port)
        late.send("POST /nowhere2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n")
        #expect(try late.answer().status == 404)
        #expect(try !log.lines(of: "POST /nowhere2").isEmpty)
    }

    @Test func aFullQueueIsToldBeforeTheBody() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.workers = 1
            $0.maxQueued = 1
        }
        let picture = try ServicePictures.picture()
        _ = try fixture.submit(picture)
        try fixture.engine.waitUntilHeld()
        let queued = try fixture.submit(picture)
        var times: [Int] = []
        for _ in 0..<4 {
            _ = try fixture.call("POST", "/v1/jobs", body: picture)  // known to be full from now on
            for path in ["/v1/jobs", "/v1/deblur"] {
                let answer = try head(fixture, path)
                #expect(try answer.status == 429 && answer.problem == "queue_full")
                #expect(try answer.json["limit"] == .integer(1) && answer.json["measured"] == .integer(1))
                times.append(try #require(answer.fields["retry-after"].flatMap { Int($0) }))
            }
        }
        #expect(try #require(times.last) > times[0] + 10, "each has a place of its own: \(times)")
        // Whoever names its request may have made it already, and needs no place then.
        #expect(try head(fixture, "/v1/jobs", ["Idempotency-Key": "k"]).status == 100)
        #expect(try fixture.call("DELETE", "/v1/jobs/\(queued)").status == 202)
        try ServiceFixture.wait { try head(fixture, "/v1/jobs").status == 100 }
    }

    @Test func aUsedUpQuotaIsToldBeforeTheBody() throws {
        let fixture = try ServiceFixture { $0.requiresKeys = true }
        let key = KeyText()
        try fixture.jobs.addKey(
            key.stored(name: "test", maySubmit: true, requestsPerMinute: nil, picturesPerDay: 1, webhookSecret: WebhookSecret()))
        try fixture.service.access.reload()
        let fields = ["Authorization": "Bearer \(key.text)"]
        for status in [202, 429] {
            #expect(try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture(), fields: fields).status == status)
        }
        let answer = try head(fixture, "/v1/jobs", fields)
        #expect(try answer.status == 429 && answer.problem == "quota_used" && answer.fields["ratelimit"]?.contains("r=0") == true)
    }

    @Test func aFormWhoseBoundaryCannotBeReadIsToldSo() throws {
        let fixture = try ServiceFixture()
        let answer = try fixture.call(
            "POST", "/v1/jobs", body: Data("--a@b--".utf8), fields: ["Content-Type": "multipart/form-data; boundary=a@b"])
        #expect(try answer.status == 400 && answer.problem == "invalid_form" && answer.text.contains("a@b"))
    }

    @Test func anEncodedSlashIsNoWayAroundAProxy() throws {
        let fixture = try ServiceFixture()
        for path in ["/v1%2fjobs", "/v1%2Fjobs", "/web%2fapp.js"] { #expect(try fixture.call("GET", path).status == 404) }
    }

    @Test func optionsTellsWhatIsPossible() throws {
        let fixture = try ServiceFixture()
        for (target, allow) in [
            ("*", "POST, GET, HEAD, DELETE, OPTIONS"), ("/", "GET, HEAD, OPTIONS"), ("/v1/jobs", "POST, GET, HEAD, OPTIONS"),
        ] {
            let client = try HTTPLoopbackClient(port: fixture.port)
            client.send("OPTIONS \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try client.answer()
            #expect(answer.status == 204 && answer.fields["allow"] == allow && answer.fields["content-length"] == nil, "\(target)")
        }
    }

    /// With every place taken by requests under way, probes and callers with a key are served.
    @Test func probesAndCallersWithKeysGetIn() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.requiresKeys = true
            $0.http.maxConnections = 16  // two of them kept
        }
        let key = KeyText()
        try fixture.jobs.addKey(
            key.stored(name: "test", maySubmit: true, requestsPerMinute: nil, picturesPerDay: nil, webhookSecret: WebhookSecret()))
        try fixture.service.access.reload()
        let fields = ["Authorization": "Bearer \(key.text)"]
        let waiting = try (0..<14).map { _ in
            let client = try HTTPLoopbackClient(port: fixture.port)
            ServiceFixture.send(client, "POST", "/v1/deblur", try ServicePictures.picture(), fields)
            return client
        }
        try ServiceFixture.wait { try fixture.jobs.list().jobs.count == 14 }
        #expect(try fixture.call("GET", "/healthz").status == 200)
        #expect(try fixture.call("GET", "/readyz").status == 200)
        #expect(try fixture.call("GET", "/v1/jobs", fields: fields).status == 200)
        let refused = try fixture.call("GET", "/docs")
        #expect(try refused.status == 503 && refused.problem == "busy" && refused.fields["retry-after"] != nil)
        #expect(fixture.service.metrics.current.turnedAway[.full] == 1)
        fixture.engine.open()
        for client in waiting { #expect(try client.answer().status == 200) }
    }
}
