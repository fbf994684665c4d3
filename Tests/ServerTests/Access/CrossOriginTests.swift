import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Server

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
