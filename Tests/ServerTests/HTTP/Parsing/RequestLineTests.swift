import Testing
@testable import Server

/// The first line of a request (RFC 9112 section 3).
@Suite(.timeLimit(.minutes(60))) struct RequestLineTests {
    private func status(_ line: String) -> Int {
        do {
            _ = try RequestLine(Array(line.utf8).span)
            return 200
        } catch {
            return error.status.code
        }
    }

    @Test func hasMethodTargetAndVersion() throws {
        let line = try RequestLine(Array("BREW /pot?a=%20[b] HTTP/1.0".utf8).span)
        #expect(line.method.rawValue == "BREW" && line.target == "/pot?a=%20[b]" && line.version == .http10)
        #expect(try RequestLine(Array("GET * HTTP/1.1".utf8).span).version == .http11)
    }

    @Test(arguments: [
        "", "GET", "GET ", "GET /", "GET / ", " GET / HTTP/1.1", "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", "GET / http/1.1",
        "GET / HTTP/1", "GET / HTTP/1.10", "GET / HTTP 1.1", "G(T / HTTP/1.1", "GET /a b HTTP/1.1", "GET /\u{7F} HTTP/1.1",
        "GET /é HTTP/1.1",
        "GET /#a HTTP/1.1", "GET /\"a HTTP/1.1", "GET\t/ HTTP/1.1",
    ])
    func anythingElseIsMalformed(line: String) {
        #expect(status(line) == 400)
    }

    @Test(arguments: ["PRI * HTTP/2.0", "GET / HTTP/0.9", "GET / HTTP/1.2", "GET / HTTP/3.0"]) func otherVersionsAreNotSpoken(line: String)
    {
        #expect(status(line) == 505)
    }
}
