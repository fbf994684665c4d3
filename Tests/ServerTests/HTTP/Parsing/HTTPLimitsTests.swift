import HTTPTypes
import Testing
@testable import Server

/// Each limit has its answer.
@Suite(.timeLimit(.minutes(60))) struct HTTPLimitsTests {
    @Test func requestLineLimit() {
        var limits = HTTPLimits()
        limits.maxRequestLineBytes = 20
        func status(_ pathBytes: Int, ended: Bool) -> ProtocolError? {
            let line = "GET /" + String(repeating: "a", count: pathBytes - 1) + " HTTP/1.1"  // 13 bytes and the path
            return HTTPTranscript(line + (ended ? "\r\nHost: a\r\n\r\n" : ""), limits: limits).error
        }
        #expect(status(7, ended: true) == nil)
        #expect(status(8, ended: true)?.status == .uriTooLong)
        #expect(status(8, ended: true)?.limit == 20)
        #expect(status(8, ended: true)?.measured == 21)
        #expect(status(100, ended: false)?.status == .uriTooLong)  // before its end has come
    }

    @Test func headerLimits() {
        var limits = HTTPLimits()
        limits.maxHeaderBytes = 30
        limits.maxHeaderCount = 3
        func error(_ fields: String) -> ProtocolError? { HTTPTranscript("GET / HTTP/1.1\r\nHost: a\r\n" + fields, limits: limits).error }
        #expect(error("A: \(String(repeating: "x", count: 20))\r\n\r\n") == nil)  // 7 + 23 bytes
        #expect(error("A: \(String(repeating: "x", count: 21))\r\n\r\n")?.status == .requestHeaderFieldsTooLarge)
        #expect(error("A: \(String(repeating: "x", count: 21))\r\n\r\n")?.measured == 31)
        #expect(error("A: \(String(repeating: "x", count: 40))")?.limit == 30)
        #expect(error("A: 1\r\nB: 2\r\n\r\n") == nil)
        #expect(error("A: 1\r\nB: 2\r\nC: 3\r\n\r\n")?.measured == 4)
    }

    @Test func bodyLimits() {
        let fixed = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"
        #expect(
            HTTPTranscript(fixed, limitBody: 10).error
                == ProtocolError(
                    .contentTooLarge, "The body of 11 bytes is larger than the limit of 10 bytes.", limit: 10, measured: 11))
        #expect(HTTPTranscript(fixed, limitBody: 11).error == nil)
        let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n"
        #expect(HTTPTranscript(chunked + "4\r\nghij\r\n0\r\n\r\n", limitBody: 10).error == nil)
        let over = HTTPTranscript(chunked + "5\r\n", limitBody: 10).error
        #expect(over?.status == .contentTooLarge)
        #expect(over?.measured == 11)
        var limits = HTTPLimits()
        limits.maxBodyBytes = 10
        #expect(HTTPTranscript(fixed, limits: limits, limitBody: 1_000).status == 413)  // the server's limit holds as well
    }

    @Test func aLimitHoldsForOneMessage() {
        var parser = MessageParser(limits: HTTPLimits())
        let bytes = Array(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\ncdef".utf8)
        var position = 0, heads = 0, ends = 0
        #expect(throws: Never.self) {
            while position < bytes.count || ends < 2 {
                switch try parser.next(bytes.span, at: &position) {
                case .head:
                    heads += 1
                    if heads == 1 { try parser.limitBody(to: 2) }
                case .end: ends += 1
                case .body: break
                case .needsBytes: Issue.record("the stream is whole"); return
                }
            }
        }
        #expect(heads == 2)
    }
}
