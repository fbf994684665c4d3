import Commands
import Testing

/// The URL that is asked, and the line that comes back; the asking itself is tested against a running service.
@Suite(.timeLimit(.minutes(60))) struct HealthProbeTests {
    @Test(arguments: [
        ("http://127.0.0.1:8080/healthz", "127.0.0.1", "8080", "/healthz"), ("http://localhost", "localhost", "80", "/"),
        ("http://[::1]:81/a%20b", "::1", "81", "/a%20b"), ("http://host:65535/", "host", "65535", "/"),
    ])
    func aURLHasItsParts(url: String, host: String, port: String, path: String) throws {
        let probe = try #require(HealthProbe(url: url))
        #expect(probe.host == host && probe.port == port && probe.path == path)
    }

    @Test(arguments: ["", "localhost:8080", "https://localhost/", "http://", "http:///healthz", "ftp://localhost/"])
    func othersAreRefused(url: String) {
        #expect(HealthProbe(url: url) == nil)
    }

    @Test(arguments: [("HTTP/1.1 200 OK", 200), ("HTTP/1.1 503 Service Unavailable", 503), ("HTTP/1.1 204", 204)])
    func aStatusLineHasItsNumber(line: String, status: Int) throws {
        #expect(try HealthProbe.status(of: line) == status)
    }

    @Test(arguments: ["", "HTTP/1.1", "HTTP/1.1 20", "HTTP/2 200 OK", "SSH-2.0-x 200", "HTTP/1.1 abc"])
    func whatIsNotHTTPIsRefused(line: String) {
        #expect(throws: HealthProbe.Failure.self) { try HealthProbe.status(of: line) }
    }

    @Test func nothingListensOnAReservedPort() throws {
        let probe = try #require(HealthProbe(url: "http://127.0.0.1:1/"))
        let failure = #expect(throws: HealthProbe.Failure.self) { try probe.status(timeoutSeconds: 5) }
        #expect(failure?.description.hasPrefix("no connection: ") == true)
    }
}
