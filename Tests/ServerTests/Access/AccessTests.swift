import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct AccessTests {
    private let fixture: ServiceFixture

    init() throws {
        fixture = try ServiceFixture { $0.requiresKeys = true }
    }

    private func key(maySubmit: Bool = true, requestsPerMinute: Int? = nil, picturesPerDay: Int? = nil) throws -> (
        fields: [String: String], id: String
    ) {
        let key = KeyText()
        let stored = key.stored(
            name: "test", maySubmit: maySubmit, requestsPerMinute: requestsPerMinute, picturesPerDay: picturesPerDay,
            webhookSecret: WebhookSecret())
        try fixture.jobs.addKey(stored)
        try fixture.service.access.reload()
        return (["Authorization": "Bearer \(key.text)"], stored.id)
    }

    @Test func withoutAKeyOnlyTheServiceItselfAnswers() throws {
        for path in ["/healthz", "/readyz", "/metrics", "/openapi.yaml", "/", "/docs", "/web/app.js"] {
            #expect(try fixture.call("GET", path).status == 200, "\(path)")
        }
        let answer = try fixture.call("GET", "/v1/jobs")
        #expect(answer.status == 401)
        #expect(try answer.problem == "unauthorized")
        #expect(answer.fields["www-authenticate"] == "Bearer realm=\"fidediff\"")
        #expect(try fixture.call("GET", "/v1/jobs", fields: try key().fields).status == 200)
    }

    @Test func wrongKeysAreRefused() throws {
        let good = try key()
        let text = try #require(good.fields["Authorization"])
        // The right id with another secret.
        let forged = String(text.dropLast(3)) + (text.hasSuffix("AAA") ? "BBB" : "AAA")
        for (value, error) in [
            (forged, "invalid_token"), ("Bearer \(KeyText().text)", "invalid_token"), ("Basic dTpw", "invalid_request"),
            ("Bearer", "invalid_request"),
        ] {
            let answer = try fixture.call("GET", "/v1/jobs", fields: ["Authorization": value])
            #expect(answer.status == 401, "\(value)")
            #expect(answer.fields["www-authenticate"] == "Bearer realm=\"fidediff\", error=\"\(error)\"")
        }
        #expect(try fixture.jobs.revokeKey(id: good.id))
        try fixture.service.access.reload()
        #expect(try fixture.call("GET", "/v1/jobs", fields: good.fields).status == 401)
    }

    @Test func aStrangersBodyIsNotRead() throws {
        let client = try HTTPLoopbackClient(port: fixture.port)
        client.send("POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.answer().status == 401)
    }

    @Test func jobsAreVisibleToTheirKeyAlone() throws {
        let mine = try key(), other = try key()
        let answer = try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture(), fields: mine.fields)
        let id = try #require(try answer.json["id"]?.string)
        #expect(try fixture.finished(id).context.keyID == mine.id)
        for (method, path) in [
            ("GET", ""), ("GET", "/result"), ("GET", "/input"), ("GET", "/kernels"), ("GET", "/events"), ("GET", "/webhook"),
            ("DELETE", ""),
        ] {
            let refused = try fixture.call(method, "/v1/jobs/\(id)\(path)", fields: other.fields)
            #expect(refused.status == 404, "\(method) \(path)")
            #expect(try refused.problem == "unknown_job")
        }
        #expect(try fixture.call("GET", "/v1/jobs", fields: other.fields).json["jobs"] == .array([]))
        #expect(try fixture.call("GET", "/v1/jobs", fields: mine.fields).json["jobs"]?.elements.count == 1)
        for path in ["/result", "/input", "/kernels"] {
            #expect(try fixture.call("GET", "/v1/jobs/\(id)\(path)", fields: mine.fields).status == 200, "\(path)")
        }
        #expect(try fixture.call("GET", "/v1/blur-levels", fields: other.fields).json["jobs"] == .integer(0))
        #expect(try fixture.call("GET", "/v1/blur-levels", fields: mine.fields).json["jobs"] == .integer(1))
        #expect(try fixture.call("DELETE", "/v1/jobs/\(id)", fields: mine.fields).status == 204)
    }

    @Test func aReadingKeyMayOnlyRead() throws {
        let reader = try key(maySubmit: false)
        let answer = try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture(), fields: reader.fields)
        #expect(answer.status == 403)
        #expect(try answer.problem == "forbidden")
        #expect(try fixture.call("DELETE", "/v1/jobs/x", fields: reader.fields).status == 403)
        #expect(try fixture.call("GET", "/v1/jobs", fields: reader.fields).status == 200)
    }

    @Test func requestsAreLimited() throws {
        let limited = try key(requestsPerMinute: 2), free = try key()
        let first = try fixture.call("GET", "/v1/jobs", fields: limited.fields)
        #expect(
            first.fields["ratelimit-policy"] == "\"requests\";q=2;w=60"
                && first.fields["ratelimit"]?.hasPrefix("\"requests\";r=1;t=") == true)
        #expect(try fixture.call("GET", "/v1/jobs", fields: limited.fields).status == 200)
        // One without a body, one that is refused before its body comes.
        for body in [Data(), Data(count: 10)] {
            let refused = try fixture.call(body.isEmpty ? "GET" : "POST", "/v1/jobs", body: body, fields: limited.fields)
            #expect(refused.status == 429)
            #expect(try refused.problem == "rate_limited")
            #expect(refused.fields["ratelimit"]?.hasPrefix("\"requests\";r=0;t=") == true)
            #expect(try #require(Int(refused.fields["retry-after"] ?? "")) > 0)
        }
        #expect(try fixture.call("GET", "/v1/jobs", fields: free.fields).fields["ratelimit"] == nil)
    }

    @Test func picturesHaveAQuota() throws {
        let limited = try key(picturesPerDay: 1)
        let first = try fixture.call("POST", "/v1/blur-level", body: ServicePictures.picture(), fields: limited.fields)
        #expect(first.status == 200)
        #expect(
            first.fields["ratelimit-policy"] == "\"pictures\";q=1;w=86400"
                && first.fields["ratelimit"]?.hasPrefix("\"pictures\";r=0;t=") == true)
        let refused = try fixture.call("POST", "/v1/jobs", body: ServicePictures.picture(), fields: limited.fields)
        #expect(refused.status == 429)
        #expect(try refused.problem == "quota_used")
        #expect(try fixture.call("GET", "/v1/jobs", fields: limited.fields).status == 200, "asking costs no picture")
    }

    /// One key's jobs leave places for others', who are not told that the queue is full.
    @Test func oneKeyDoesNotFillTheQueue() throws {
        let fixture = try ServiceFixture(engine: GatedEngine(isClosed: true)) {
            $0.requiresKeys = true
            $0.maxQueued = 2
            $0.workers = 1
        }
        let keys = [KeyText(), KeyText()], picture = try ServicePictures.picture()
        for key in keys {
            try fixture.jobs.addKey(
                key.stored(name: "n", maySubmit: true, requestsPerMinute: nil, picturesPerDay: nil, webhookSecret: WebhookSecret()))
        }
        try fixture.service.access.reload()
        func submit(_ key: KeyText) throws -> HTTPLoopbackClient.Answer {
            try fixture.call("POST", "/v1/jobs", body: picture, fields: ["Authorization": "Bearer \(key.text)"])
        }
        #expect(try submit(keys[0]).status == 202)
        try fixture.engine.waitUntilHeld()  // taken up: it waits no longer
        #expect(try submit(keys[0]).status == 202)
        let refused = try submit(keys[0])
        #expect(try refused.status == 429 && refused.problem == "queue_full" && refused.fields["retry-after"] != nil)
        #expect(try refused.json["limit"] == .integer(1) && refused.json["measured"] == .integer(1))
        #expect(try submit(keys[1]).status == 202)
        #expect(try submit(keys[1]).json["limit"] == .integer(2), "now it is full")
    }

    /// What nothing is made of costs no picture: no image, a full queue, the same request again.
    @Test func whatIsRefusedOrRepeatedCostsNoPicture() throws {
        let engine = try GatedEngine(isClosed: true)
        let fixture = try ServiceFixture(engine: engine) {
            $0.requiresKeys = true
            $0.maxQueued = 1
            $0.workers = 1
        }
        let key = KeyText()
        try fixture.jobs.addKey(
            key.stored(name: "n", maySubmit: true, requestsPerMinute: nil, picturesPerDay: 9, webhookSecret: WebhookSecret()))
        try fixture.service.access.reload()
        let fields = ["Authorization": "Bearer \(key.text)"], picture = try ServicePictures.picture()
        func remaining(_ answer: HTTPLoopbackClient.Answer) -> String? {
            answer.fields["ratelimit"]?.split(separator: ";").first { $0.hasPrefix("r=") }.map(String.init)
        }
        let named = fields.merging(["Idempotency-Key": "\"a\""]) { $1 }
        let first = try fixture.call("POST", "/v1/jobs", body: picture, fields: named)
        #expect(first.status == 202 && remaining(first) == "r=8")
        try engine.waitUntilHeld()
        let again = try fixture.call("POST", "/v1/jobs", body: picture, fields: named)
        #expect(again.fields["idempotent-replayed"] == "true" && remaining(again) == "r=8")
        let noPicture = try fixture.call("POST", "/v1/jobs", body: Data("no picture".utf8), fields: fields)
        #expect(noPicture.status == 415 && remaining(noPicture) == "r=8")
        let second = try fixture.call("POST", "/v1/jobs", body: picture, fields: fields)
        #expect(second.status == 202 && remaining(second) == "r=7")
        for _ in 0..<9 {
            let full = try fixture.call("POST", "/v1/jobs", body: picture, fields: fields)
            #expect(try full.problem == "queue_full" && remaining(full) == "r=7")
        }
        engine.open()
    }

    @Test func withoutKeysTheHeaderMeansNothing() throws {
        let open = try ServiceFixture()
        #expect(try open.call("GET", "/v1/jobs", fields: ["Authorization": "Basic dTpw"]).status == 200)
    }
}
