import HTTPTypes
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct HTTPMessageParserTests {
    static let streams = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET /a%20b?x=1&y= HTTP/1.1\r\nHOST:a.example:80\r\nAccept: \t*/* \r\nX-Empty:\r\n\r\n",
        "POST /u HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /next HTTP/1.1\r\nHost: b\r\n\r\n",
        "PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n4;x=y\r\nWiki\r\n5 ; q=\"z\"\r\npedia\r\n0\r\nX-Sum: 1\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "HEAD http://host.example:8080/x?y HTTP/1.1\r\nHost: other\r\n\r\n",
        "GET /old HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nBad : 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n",
        "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
    ]

    @Test func sameEventsAtEverySplit() {
        for stream in Self.streams {
            let bytes = Array(stream.utf8)
            let whole = HTTPTranscript([bytes])
            #expect(!whole.events.isEmpty)
            for split in 1..<bytes.count {
                #expect(
                    HTTPTranscript([Array(bytes[..<split]), Array(bytes[split...])]) == whole,
                    "\(stream.debugDescription) split at \(split)")
            }
            #expect(HTTPTranscript(bytes.map { [$0] }) == whole, "\(stream.debugDescription) byte by byte")
        }
    }

    @Test func pipelinedRequestsComeInOrder() {
        let transcript = HTTPTranscript(Self.streams[2])
        #expect(
            transcript.events == [
                "head POST a /u length(5) [\"Content-Length: 5\"]", "end 5", "head GET b /next none []", "end 5",
            ])
        #expect(transcript.body == Array("hello".utf8))
    }

    @Test func chunkedBodyIsJoined() {
        let transcript = HTTPTranscript(Self.streams[3])
        #expect(String(decoding: transcript.body, as: UTF8.self) == "Wikipedia")
        #expect(transcript.events.last == "end 9")
        #expect(transcript.error == nil)
    }

    @Test func absoluteFormOverrulesHost() throws {
        let head = try #require(HTTPTranscript(Self.streams[4]).heads.first)
        #expect(head.request.authority == "host.example:8080")
        #expect(head.request.path == "/x?y")
        #expect(HTTPTranscript("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n").heads.first?.request.path == "*")
        #expect(HTTPTranscript("GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n").heads.first?.request.path == "/?q")
    }

    @Test func persistence() {
        func wantsClose(_ text: String) -> Bool? { HTTPTranscript(text).heads.first?.wantsClose }
        #expect(wantsClose("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == false)
        #expect(wantsClose("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n") == true)
        #expect(wantsClose("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n") == false)
        #expect(wantsClose("GET / HTTP/1.0\r\n\r\n") == true)
    }

    @Test func fieldValuesThatAreNotUTF8AreKept() throws {
        let head = try #require(
            HTTPTranscript([Array("GET / HTTP/1.1\r\nHost: a\r\nX: \u{E9}".utf8) + [0xE9, 0x0D, 0x0A, 0x0D, 0x0A]]).heads.first)
        let field = try #require(head.request.headerFields.first)
        #expect(field.withUnsafeBytesOfValue { Array($0) } == [0xC3, 0xA9, 0xE9])
    }

    // Each is everything a client sends; the status says how it must be refused.
    static let malformed: [(Int, String)] = [
        (400, " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "\u{16}\u{3}\u{1}"),  // a TLS hello has no line end to wait for
        (400, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET / HTTP/1.1\nHost: a\n\n"),
        (400, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        (400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
        (400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /a\rb HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /\u{E9} HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /\r\n\r\n"),  // HTTP/0.9
        (400, "GET\r\n\r\n"),
        (400, "GET / http/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET / HTTP/1.\r\nHost: a\r\n\r\n"),
        (400, "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
        (400, "GET / HTTP/11\r\nHost: a\r\n\r\n"),
        (505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        (505, "GET / HTTP/1.2\r\nHost: a\r\n\r\n"),
        (505, "GET / HTTP/0.9\r\nHost: a\r\n\r\n"),
        (400, "GET x HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET http://user@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        (501, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
        (400, "GET /% HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET /?a=%0 HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\n\r\n"),  // no Host
        (400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"),  // obs-fold
        (400, "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\nX(: x\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\nX\u{E9}: x\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{7F}\r\n\r\n"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\nhello"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5,\r\n\r\nhello"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 6\r\n\r\nhello"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: \r\n\r\n"),
        (400, "OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n"),
        (400, String(repeating: "A", count: 100_000) + " / HTTP/1.1\r\nHost: a\r\n\r\n"),  // no target has begun: not 414
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        (501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked, chunkedx\r\n\r\n0\r\n\r\n"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n"),
        (417, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 200-ok\r\n\r\nhello"),
    ]

    @Test func refuses() {
        for (status, text) in Self.malformed {
            let transcript = HTTPTranscript(text)
            #expect(transcript.events == ["error \(status)"], "\(text.debugDescription)")
        }
    }

    static let wellFormed = [
        "GET http://a/ HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a:\r\n\r\n",
        "GET /a|b^{c}?[d]=e`f HTTP/1.1\r\nHost: a\r\n\r\n",
        "M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\nExpect: nonsense\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 05, 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\tb\r\n\r\n",
    ]

    @Test func accepts() {
        for text in Self.wellFormed {
            let transcript = HTTPTranscript(text)
            #expect(transcript.error == nil, "\(text.debugDescription)")
            #expect(transcript.events.last?.hasPrefix("end") == true, "\(text.debugDescription)")
        }
    }

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
