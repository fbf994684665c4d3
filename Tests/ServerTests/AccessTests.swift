import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct RateWindowTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000_000)

    @Test func countsDownAndBeginsAnew() {
        var window = RateWindow(quota: 2)
        #expect(window.state(at: start).remaining == 2)
        #expect(window.take(at: start) == RateLimit(name: "requests", quota: 2, windowSeconds: 60, remaining: 1, resetSeconds: 60))
        let later = start.advanced(bySeconds: 59.5)
        #expect(window.take(at: later)?.remaining == 0)
        #expect(window.take(at: later) == nil)
        #expect(window.state(at: later) == RateLimit(name: "requests", quota: 2, windowSeconds: 60, remaining: 0, resetSeconds: 1))
        let next = start.advanced(bySeconds: 60)
        #expect(window.take(at: next)?.remaining == 1)
        #expect(window.state(at: next).resetSeconds == 60)
    }

    @Test func fieldsAreStructuredLists() {
        let fields = RateLimit.fields([
            RateLimit(name: "requests", quota: 5, windowSeconds: 60, remaining: 4, resetSeconds: 59),
            RateLimit(name: "pictures", quota: 9, windowSeconds: 86_400, remaining: 0, resetSeconds: 7),
        ])
        #expect(fields[.rateLimitPolicy] == "\"requests\";q=5;w=60, \"pictures\";q=9;w=86400")
        #expect(fields[.rateLimit] == "\"requests\";r=4;t=59, \"pictures\";r=0;t=7")
        #expect(RateLimit.fields([]) == [:])
    }
}

@Suite(.timeLimit(.minutes(60))) struct KeyTextTests {
    @Test func aKeyProvesItselfAndNothingElseDoes() throws {
        let key = KeyText(), other = KeyText()
        let read = try #require(KeyText(key.text))
        #expect(read.id == key.id && read.matches(key.hash) && !other.matches(key.hash) && key.text != other.text)
        #expect(!read.matches(Data(count: 32)) && !read.matches(Data()))
        #expect(key.hash.count == 32 && !key.text.contains(key.hash.base64EncodedString()))
    }

    @Test(arguments: [
        "", "fd_", "fd_0123456789ab_", "xx_0123456789ab_0123456789012345678901234567890123456789012", "fd_0123456789ab_short",
    ])
    func otherTextsAreNoKeys(text: String) {
        #expect(KeyText(text) == nil)
    }
}

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

    @Test func withoutKeysTheHeaderMeansNothing() throws {
        let open = try ServiceFixture()
        #expect(try open.call("GET", "/v1/jobs", fields: ["Authorization": "Basic dTpw"]).status == 200)
    }
}

@Suite(.timeLimit(.minutes(60))) struct CrossOriginTests {
    private func call(_ fixture: ServiceFixture, _ method: String, _ path: String, _ fields: [String: String]) throws
        -> HTTPLoopbackClient.Answer
    {
        let client = try HTTPLoopbackClient(port: fixture.port)
        ServiceFixture.send(client, method, path, Data(), fields)
        return try client.answer()
    }
    private let preflight = [
        "Origin": "https://a.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization",
    ]

    @Test func isOffUnlessConfigured() throws {
        let fixture = try ServiceFixture()
        let options = try call(fixture, "OPTIONS", "/v1/jobs", preflight)
        #expect(options.status == 204 && options.fields["allow"] == "POST, GET, HEAD, OPTIONS")
        #expect(options.fields.keys.filter { $0.hasPrefix("access-control") || $0 == "vary" } == [])
        #expect(try call(fixture, "GET", "/healthz", preflight).fields.keys.filter { $0.hasPrefix("access-control") || $0 == "vary" } == [])
    }

    @Test func allowsTheConfiguredOriginsAlone() throws {
        let fixture = try ServiceFixture {
            $0.corsOrigins = ["https://a.example", "https://b.example"]
            $0.requiresKeys = true
        }
        // A preflight carries no key (the Fetch standard, section 3.2.2).
        let allowed = try call(fixture, "OPTIONS", "/v1/jobs", preflight)
        #expect(allowed.status == 204 && allowed.fields["access-control-allow-origin"] == "https://a.example")
        #expect(allowed.fields["access-control-allow-methods"]?.contains("DELETE") == true)
        #expect(allowed.fields["access-control-allow-headers"]?.contains("authorization") == true)
        #expect(allowed.fields["vary"] == "Origin")
        let refused = try call(fixture, "OPTIONS", "/v1/jobs", preflight.merging(["Origin": "https://c.example"]) { $1 })
        #expect(refused.status == 204 && refused.fields["access-control-allow-origin"] == nil && refused.fields["vary"] == "Origin")

        // Errors too, or the page would see nothing but a failure.
        let unauthorized = try call(fixture, "GET", "/v1/jobs", ["Origin": "https://b.example"])
        #expect(unauthorized.status == 401 && unauthorized.fields["access-control-allow-origin"] == "https://b.example")
        #expect(unauthorized.fields["access-control-expose-headers"]?.contains("fidediff-job") == true)
        #expect(unauthorized.fields["access-control-allow-credentials"] == nil)
        #expect(try call(fixture, "GET", "/healthz", [:]).fields["access-control-allow-origin"] == nil)
    }

    @Test func aStarAllowsAll() throws {
        let fixture = try ServiceFixture { $0.corsOrigins = ["*"] }
        #expect(try call(fixture, "GET", "/healthz", ["Origin": "null"]).fields["access-control-allow-origin"] == "*")
    }
}
