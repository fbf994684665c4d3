import Foundation
import TestSupport
import Testing
@testable import Server

/// docs/http-conformance.md as requests. The names follow Http11Probe's (github.com/MDA2AV/Http11Probe); what h1spec
/// (github.com/uNetworking/h1spec) asks is among them.
@Suite(.timeLimit(.minutes(60))) struct ConformanceTests {
    /// What a request is answered with; a refusal also closes.
    enum Outcome: Sendable, Equatable {
        case ok  // 200, and the connection goes on
        case last  // 200, and the connection closes as the request asked
        case refused(Int)
        case silent  // closed without an answer: nothing was asked
    }

    struct Case: Sendable {
        let name: String
        let outcome: Outcome
        let bytes: [UInt8]

        init(_ name: String, _ outcome: Outcome, _ text: String) { self.init(name, outcome, Array(text.utf8)) }

        init(_ name: String, _ outcome: Outcome, _ bytes: [UInt8]) { (self.name, self.outcome, self.bytes) = (name, outcome, bytes) }
    }

    private static func get(_ fields: String = "", line: String = "GET /echo HTTP/1.1", host: String = "Host: a\r\n") -> String {
        "\(line)\r\n\(host)\(fields)\r\n"
    }

    private static func post(_ fields: String, _ body: String = "hello", version: String = "1.1") -> String {
        "POST /echo HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n\(body)"
    }

    private static func length(_ value: String, _ body: String = "hello") -> String { post("Content-Length:\(value)\r\n", body) }
    private static func coding(_ value: String, _ body: String = "0\r\n\r\n") -> String { post("Transfer-Encoding:\(value)\r\n", body) }
    private static func chunks(_ body: String) -> String { coding(" chunked", body) }

    static let requestLines: [Case] = [
        Case("BASELINE", .ok, get()),
        Case("RFC9112-2.2-BARE-LF-REQUEST-LINE", .refused(400), "GET /echo HTTP/1.1\nHost: a\r\n\r\n"),
        Case("RFC9112-2.2-BARE-LF-HEADER", .refused(400), "GET /echo HTTP/1.1\r\nHost: a\n\r\n"),
        Case("COMP-LEADING-CRLF", .ok, "\r\n" + get()),
        Case("RFC9112-3-MULTI-SP-REQUEST-LINE", .refused(400), get(line: "GET  /echo HTTP/1.1")),
        Case("RFC9112-3-MISSING-TARGET", .refused(400), get(line: "GET HTTP/1.1")),
        Case("RFC9112-3.2-FRAGMENT-IN-TARGET", .refused(400), get(line: "GET /echo#x HTTP/1.1")),
        Case("RFC9112-2.3-INVALID-VERSION", .refused(505), get(line: "GET /echo HTTP/9.9")),
        Case("RFC9112-2.3-HTTP09-REQUEST", .refused(400), "GET /echo\r\n"),
        Case("COMP-HTTP12-VERSION", .refused(505), get(line: "GET /echo HTTP/1.2")),
        Case("COMP-VERSION-CASE", .refused(400), get(line: "GET /echo http/1.1")),
        Case("COMP-VERSION-MISSING-MINOR", .refused(400), get(line: "GET /echo HTTP/1")),
        Case("COMP-VERSION-LEADING-ZEROS", .refused(400), get(line: "GET /echo HTTP/01.01")),
        Case("COMP-VERSION-WHITESPACE", .refused(400), get(line: "GET /echo HTTP/ 1.1")),
        Case("COMP-REQUEST-LINE-TAB", .refused(400), get(line: "GET\t/echo HTTP/1.1")),
        Case("COMP-SPACE-IN-TARGET", .refused(400), get(line: "GET /ec ho HTTP/1.1")),
        Case("COMP-TRAILING-SPACE-REQUEST-LINE", .refused(400), get(line: "GET /echo HTTP/1.1 ")),
        Case("COMP-ASTERISK-WITH-GET", .refused(400), get(line: "GET * HTTP/1.1")),
        Case("COMP-METHOD-CONNECT", .refused(501), get(line: "CONNECT a:443 HTTP/1.1")),
        Case("COMP-ABSOLUTE-FORM", .ok, get(line: "GET http://a/echo HTTP/1.1")),
        Case("COMP-ABSOLUTE-FORM-USERINFO", .refused(400), get(line: "GET http://u@a/echo HTTP/1.1")),
        Case("COMP-ABSOLUTE-FORM-NO-HOST", .refused(400), get(line: "GET http:///echo HTTP/1.1")),
        Case("SMUG-ABSOLUTE-URI-HOST-MISMATCH", .ok, get(line: "GET http://b/echo HTTP/1.1")),
        Case("MAL-NUL-IN-URL", .refused(400), get(line: "GET /ec\0ho HTTP/1.1")),
        Case("MAL-NON-ASCII-URL", .refused(400), get(line: "GET /é HTTP/1.1")),
        Case("MAL-URL-BACKSLASH", .refused(400), get(line: "GET /a\\b HTTP/1.1")),
        Case("MAL-URL-OVERLONG-UTF8", .refused(400), get(line: "GET /%c0%af HTTP/1.1")),
        Case("MAL-URL-PERCENT-NULL", .refused(400), get(line: "GET /a%00b HTTP/1.1")),
        Case("MAL-URL-BAD-ESCAPE", .refused(400), get(line: "GET /a%zz HTTP/1.1")),
        Case("MAL-LONG-URL", .refused(414), get(line: "GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1")),
        Case("MAL-LONG-METHOD", .refused(400), get(line: "\(String(repeating: "A", count: 100_000)) / HTTP/1.1")),
        Case("MAL-H2-PREFACE", .refused(505), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Case("MAL-BINARY-GARBAGE", .refused(400), [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC]),
        Case("MAL-EMPTY-REQUEST", .silent, ""),
        Case("MAL-INCOMPLETE-REQUEST", .refused(400), "GET /echo HTTP/1.1\r\nHost: a\r\n"),
        Case("MAL-WHITESPACE-ONLY-LINE", .refused(400), "   \r\n\r\n"),
    ]

    static let fields: [Case] = [
        Case("RFC9112-5.1-OBS-FOLD", .refused(400), get("X: a\r\n b\r\n")),
        Case("COMP-WHITESPACE-BEFORE-HEADERS", .refused(400), "GET /echo HTTP/1.1\r\n Host: a\r\n\r\n"),
        Case("RFC9110-5.6.2-SP-BEFORE-COLON", .refused(400), get("X : a\r\n")),
        Case("RFC9112-5-EMPTY-HEADER-NAME", .refused(400), get(": a\r\n")),
        Case("RFC9112-5-INVALID-HEADER-NAME", .refused(400), get("X[: a\r\n")),
        Case("RFC9112-5-HEADER-NO-COLON", .refused(400), get("X\r\n")),
        Case("MAL-NON-ASCII-HEADER-NAME", .refused(400), get("Xé: a\r\n")),
        Case("MAL-NUL-IN-HEADER-VALUE", .refused(400), get("X: a\0b\r\n")),
        Case("MAL-CONTROL-CHARS-HEADER", .refused(400), get("X: a\u{1}b\r\n")),
        Case("SMUG-BARE-CR-HEADER-VALUE", .refused(400), get("X: a\rb\r\n")),
        Case("MAL-DEL-IN-HEADER-VALUE", .refused(400), get("X: a\u{7F}\r\n")),
        Case("MAL-LONG-HEADER-VALUE", .refused(431), get("X: \(String(repeating: "a", count: 100_000))\r\n")),
        Case("MAL-LONG-HEADER-NAME", .refused(431), get("\(String(repeating: "X", count: 100_000)): a\r\n")),
        Case("MAL-MANY-HEADERS", .refused(431), get(String(repeating: "X: a\r\n", count: 10_000))),
        Case("COMP-EMPTY-HEADER-VALUE", .ok, get("X:\r\n")),
        Case("COMP-TAB-IN-HEADER-VALUE", .ok, get("X: a\tb\r\n")),
        Case("COMP-OBS-TEXT-IN-HEADER-VALUE", .ok, Array("GET /echo HTTP/1.1\r\nHost: a\r\nX: ".utf8) + [0xE9] + Array("\r\n\r\n".utf8)),
        Case("RFC9112-3.2-MISSING-HOST", .refused(400), get(host: "")),
        Case("RFC9110-5.4-DUPLICATE-HOST", .refused(400), get("Host: b\r\n")),
        Case("COMP-DUPLICATE-HOST-SAME", .refused(400), get("Host: a\r\n")),
        Case("COMP-HOST-WITH-USERINFO", .refused(400), get(host: "Host: u@a\r\n")),
        Case("COMP-HOST-WITH-PATH", .refused(400), get(host: "Host: a/b\r\n")),
        Case("SMUG-MULTIPLE-HOST-COMMA", .refused(400), get(host: "Host: a, b\r\n")),
        Case("COMP-HOST-EMPTY-VALUE", .refused(400), get(host: "Host: \r\n")),
        Case("COMP-HOST-WITH-PORT", .ok, get(host: "Host: a:8080\r\n")),
        Case("COMP-HOST-IPV6", .ok, get(host: "Host: [::1]:80\r\n")),
        Case("COMP-HTTP10-NO-HOST", .last, "GET /echo HTTP/1.0\r\n\r\n"),
        Case("COMP-HTTP10-DEFAULT-CLOSE", .last, get(line: "GET /echo HTTP/1.0")),
        Case("COMP-CONNECTION-CLOSE", .last, get("Connection: close\r\n")),
        Case("COMP-CONNECTION-CLOSE-LIST", .last, get("Connection: x, Close\r\n")),
        Case("COMP-UPGRADE-UNKNOWN", .ok, get("Connection: Upgrade\r\nUpgrade: x/1\r\n")),
        Case("COMP-UPGRADE-INVALID-VER", .ok, get("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 99\r\n")),
        Case("COMP-EXPECT-UNKNOWN", .refused(417), post("Content-Length: 5\r\nExpect: 200-ok\r\n")),
        Case("COMP-NO-1XX-HTTP10", .last, post("Content-Length: 5\r\nExpect: 100-continue\r\n", version: "1.0")),
        Case("SMUG-TRANSFER_ENCODING", .ok, get("Transfer_Encoding: chunked\r\n")),
    ]

    static let lengths: [Case] = [
        Case("COMP-POST-CL-BODY", .ok, length(" 5")),
        Case("COMP-POST-CL-ZERO", .ok, length(" 0", "")),
        Case("COMP-POST-NO-CL-NO-TE", .ok, post("", "")),
        Case("COMP-POST-CL-UNDERSEND", .refused(400), length(" 9")),
        Case("RFC9112-6.1-CL-NON-NUMERIC", .refused(400), length(" abc")),
        Case("RFC9112-6.1-CL-PLUS-SIGN", .refused(400), length(" +5")),
        Case("SMUG-CL-NEGATIVE", .refused(400), length(" -5")),
        Case("SMUG-CL-NEGATIVE-ZERO", .refused(400), length(" -0", "")),
        Case("SMUG-CL-LEADING-ZEROS", .ok, length(" 005")),
        Case("SMUG-CL-OCTAL", .refused(400), length(" 0o5")),
        Case("SMUG-CL-HEX-PREFIX", .refused(400), length(" 0x5")),
        Case("SMUG-CL-INTERNAL-SPACE", .refused(400), length(" 1 5")),
        Case("SMUG-CL-UNDERSCORE", .refused(400), length(" 1_0")),
        Case("SMUG-CL-TRAILING-SPACE", .ok, length(" 5 ")),
        Case("SMUG-CL-EXTRA-LEADING-SP", .ok, length("   5")),
        Case("MAL-CL-TAB-BEFORE-VALUE", .ok, length("\t5")),
        Case("SMUG-CL-VTAB", .refused(400), length(" \u{B}5")),
        Case("MAL-CL-EMPTY", .refused(400), length("")),
        Case("MAL-CL-OVERFLOW", .refused(400), length(" 99999999999999999999", "")),
        Case("MAL-POST-CL-HUGE-NO-BODY", .refused(413), length(" 999999999", "")),  // RFC 9110 section 15.5.14: the better answer
        Case("SMUG-DUPLICATE-CL", .refused(400), post("Content-Length: 5\r\nContent-Length: 6\r\n")),
        Case("SMUG-DUPLICATE-CL-SAME", .ok, post("Content-Length: 5\r\nContent-Length: 5\r\n")),
        Case("SMUG-CL-COMMA-DIFFERENT", .refused(400), length(" 5, 6")),
        Case("SMUG-CL-COMMA-SAME", .ok, length(" 5, 5")),
        Case("SMUG-CL-TRAILING-COMMA", .refused(400), length(" 5,")),
        Case("NORM-SP-BEFORE-COLON-CL", .refused(400), post("Content-Length: 5\r\nContent-Length : 5\r\n")),
        Case("NORM-TAB-IN-NAME", .refused(400), post("Content-Length: 5\r\nContent\tLength: 9\r\n")),
        Case("SMUG-CL-SP-BEFORE-COLON", .refused(400), post("Content-Length : 5\r\n")),
        Case("COMP-GET-WITH-CL-BODY", .ok, "GET /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
        Case("SMUG-OPTIONS-CL-BODY", .ok, "OPTIONS /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
    ]

    static let codings: [Case] = [
        Case("SMUG-CL-TE-BOTH", .refused(400), post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
        Case("SMUG-TE-CL-BOTH", .refused(400), post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")),
        Case("SMUG-TE-XCHUNKED", .refused(501), coding(" xchunked")),
        Case("SMUG-TE-CASE-MISMATCH", .ok, coding(" ChUnKeD")),
        Case("SMUG-TE-TRAILING-SPACE", .ok, coding(" chunked ")),
        Case("SMUG-TE-SP-BEFORE-COLON", .refused(400), post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")),
        Case("SMUG-TE-NOT-FINAL-CHUNKED", .refused(400), coding(" chunked, gzip")),
        Case("SMUG-TE-DOUBLE-CHUNKED", .refused(400), coding(" chunked, chunked")),
        Case(
            "SMUG-TE-DUPLICATE-HEADERS", .refused(400), post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n")),
        Case("SMUG-TE-EMPTY-VALUE", .refused(400), coding("")),
        Case("SMUG-TE-LEADING-COMMA", .refused(400), coding(" , chunked")),
        Case("SMUG-TE-TRAILING-COMMA", .refused(400), coding(" chunked,")),
        Case("SMUG-TE-IDENTITY", .refused(501), coding(" identity")),
        Case("SMUG-TE-GZIP-CHUNKED", .refused(501), coding(" gzip, chunked")),
        Case("SMUG-TE-VTAB", .refused(400), coding(" \u{B}chunked")),
        Case("SMUG-TE-FORMFEED", .refused(400), coding(" \u{C}chunked")),
        Case("SMUG-TE-NULL", .refused(400), coding(" chunked\0")),
        Case("SMUG-TE-OBS-FOLD", .refused(400), coding("\r\n chunked")),
        Case("SMUG-TE-PARAMETER", .refused(400), coding(" chunked;q=1")),
        Case("SMUG-TE-QUOTED", .refused(501), coding(" \"chunked\"")),
        Case("SMUG-TE-HTTP10", .refused(400), post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", version: "1.0")),
    ]

    static let chunked: [Case] = [
        Case("COMP-CHUNKED-BODY", .ok, chunks("5\r\nhello\r\n0\r\n\r\n")),
        Case("COMP-CHUNKED-MULTI", .ok, chunks("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")),
        Case("COMP-CHUNKED-EMPTY", .ok, chunks("0\r\n\r\n")),
        Case("COMP-CHUNKED-HEX-UPPERCASE", .ok, chunks("A\r\nhellohello\r\n0\r\n\r\n")),
        Case("COMP-CHUNKED-EXTENSION", .ok, chunks("5;a=b;c=\"d e\"\r\nhello\r\n0\r\n\r\n")),
        Case("COMP-CHUNKED-TRAILER-VALID", .ok, chunks("5\r\nhello\r\n0\r\nX: y\r\n\r\n")),
        Case("COMP-CHUNKED-NO-FINAL", .refused(400), chunks("5\r\nhello\r\n")),
        Case("SMUG-CHUNK-BARE-SEMICOLON", .refused(400), chunks("5;\r\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-EXT-INVALID-TOKEN", .refused(400), chunks("5;bad[=x\r\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-EXT-CTRL", .refused(400), chunks("5;a\0b\r\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-EXT-LF", .refused(400), chunks("5;a\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-EXT-CR", .refused(400), chunks("5;a\rb\r\nhello\r\n0\r\n\r\n")),
        Case("MAL-CHUNK-EXT-64K", .refused(400), chunks("5;\(String(repeating: "a", count: 65_536))\r\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-HEX-PREFIX", .refused(400), chunks("0x5\r\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-UNDERSCORE", .refused(400), chunks("1_0\r\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-LEADING-SP", .refused(400), chunks(" 5\r\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-SIZE-TRAILING-OWS", .refused(400), chunks("5 \r\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-SIZE-PLUS", .refused(400), chunks("+5\r\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-INVALID-SIZE-DESYNC", .refused(400), chunks("+0\r\n\r\n")),
        Case("SMUG-CHUNK-NEGATIVE", .refused(400), chunks("-5\r\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-SIZE-EMPTY", .refused(400), chunks("\r\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-MISSING-TRAILING-CRLF", .refused(400), chunks("5\r\nhello0\r\n\r\n")),
        Case("SMUG-CHUNK-SPILL", .refused(400), chunks("5\r\nhello7\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-LF-TERM", .refused(400), chunks("5\r\nhello\n0\r\n\r\n")),
        Case("SMUG-CHUNK-SIZE-LF", .refused(400), chunks("5\nhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-SIZE-CR", .refused(400), chunks("5\rhello\r\n0\r\n\r\n")),
        Case("SMUG-CHUNK-END-LF", .refused(400), chunks("5\r\nhello\r\n0\r\n\n")),
        Case("MAL-CHUNK-SIZE-OVERFLOW", .refused(400), chunks("FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n")),
        Case("SMUG-TRAILER-NO-COLON", .refused(400), chunks("5\r\nhello\r\n0\r\nX\r\n\r\n")),
        Case("SMUG-TRAILER-FOLDED", .refused(400), chunks("5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n")),
        Case("SMUG-TRAILER-CL", .ok, chunks("5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n")),  // dropped: RFC 9110 section 6.5.1
        Case("SMUG-TRAILER-TE", .ok, chunks("5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n")),
        Case("SMUG-TRAILER-HOST", .ok, chunks("5\r\nhello\r\n0\r\nHost: b\r\n\r\n")),
    ]

    /// Refused for their end alone: more bytes make them whole.
    private static let tooShort: Set<String> = ["MAL-INCOMPLETE-REQUEST", "COMP-POST-CL-UNDERSEND"]

    static let all = requestLines + fields + lengths + codings + chunked

    /// Each alone, as one piece and cut in two, and before a second request, which is answered only where the first was taken.
    @Test func everyCaseIsAnsweredAsItMust() throws {
        #expect(Self.all.count >= 148 && Set(Self.all.map(\.name)).count == Self.all.count)
        try withServer(eventLoops: 2) { port, _ in
            for one in Self.all {
                for isSplit in [false, true] where one.bytes.count < 50_000 || !isSplit {
                    let client = try HTTPLoopbackClient(port: port)
                    let middle = isSplit ? one.bytes.count / 2 : 0
                    client.send(Array(one.bytes[..<middle]))
                    if isSplit { usleep(2_000) }
                    client.send(Array(one.bytes[middle...]))
                    let isWhole = one.outcome == .ok || one.outcome == .last
                    if isWhole { client.send("GET /who HTTP/1.1\r\nHost: a\r\n\r\n") }
                    client.finishSending()
                    let answers = try Self.statuses(client.rest())
                    let expected: [Int] =
                        switch one.outcome {
                        case .ok: [200, 200]
                        case .last: [200]
                        case .refused(let status): [status]
                        case .silent: []
                        }
                    #expect(answers == expected, "\(one.name)\(isSplit ? ", cut" : "")")
                }
            }
        }
    }

    /// A second request behind a refused one stays unanswered, however well-formed it is (RFC 9112 section 11.2).
    @Test func nothingIsAnsweredBehindARefusal() throws {
        try withServer { port, _ in
            for one in Self.all {
                guard case .refused(let status) = one.outcome, !Self.tooShort.contains(one.name) else { continue }
                let client = try HTTPLoopbackClient(port: port)
                client.send(one.bytes + Array("\r\n\r\nGET /who HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                client.finishSending()
                let answers = try Self.statuses(client.rest())
                #expect(answers == [status], "\(one.name)")
            }
        }
    }

    /// Every answer has a date, a length or a coding, and none that must not have a body has one (RFC 9110 sections 6.6.1, 8.6, 9.3.2).
    @Test func answersAreWellFormed() throws {
        let fixture = try ServiceFixture()
        for (request, status) in [
            ("GET /healthz HTTP/1.1", 200), ("HEAD /healthz HTTP/1.1", 200), ("OPTIONS * HTTP/1.1", 204), ("OPTIONS / HTTP/1.1", 204),
            ("GET /nowhere HTTP/1.1", 404), ("PUT / HTTP/1.1", 405), ("BREW / HTTP/1.1", 405), ("get / HTTP/1.1", 405),
            ("GET /docs HTTP/1.0", 200),
        ] {
            let client = try HTTPLoopbackClient(port: fixture.port)
            client.send("\(request)\r\nHost: a\r\n\r\n")
            let isHead = request.hasPrefix("HEAD")
            let answer = try client.answer(isHead: isHead)
            #expect(answer.status == status, "\(request)")
            #expect(answer.fields["date"]?.hasSuffix(" GMT") == true)
            #expect((answer.fields["content-length"] == nil) == (status == 204), "\(request)")
            #expect(answer.fields["transfer-encoding"] == nil)
            if status == 405 { #expect(answer.fields["allow"] == "GET, HEAD, OPTIONS") }
            client.finishSending()
            #expect(try client.isClosedByServer(), "\(request): nothing follows")
        }
    }

    /// What the table says tests a rule is there: suites, their tests, and cases, where * stands for anything.
    @Test func theTableNamesWhatTestsIt() throws {
        let top = Repository.folder.appendingPathComponent("Tests/ServerTests")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: top.path).filter { $0.hasSuffix("Tests.swift") }
        let suites = Dictionary(grouping: paths) { (($0 as NSString).lastPathComponent as NSString).deletingPathExtension }
        let table = try String(
            contentsOf: Repository.folder.appendingPathComponent("docs/http-conformance.md"), encoding: .utf8)
        var rules = 0, cases: Set<String> = []
        for row in table.split(separator: "\n") where row.hasPrefix("| ") && !row.hasPrefix("| section") && !row.hasPrefix("| case") {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells[0].contains(/^(9110 |RFC 3986 )?\d/) else { continue }
            rules += 1
            // `Connection `persistence`, `x`, Conformance `COMP-*`: a suite, then what is meant of it.
            var suite = ""
            for part in cells[3].split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
                let pieces = part.split(separator: "`").map { $0.trimmingCharacters(in: .whitespaces) }
                if !part.hasPrefix("`") { suite = pieces[0] }
                let files = try #require(suites["\(suite)Tests"], "\(suite) of \(row.prefix(60))")
                guard let name = part.hasPrefix("`") ? pieces.first : pieces.dropFirst().first else { continue }
                if name.contains(/^[*A-Z]/) {
                    let pattern = try Regex("^" + name.replacingOccurrences(of: "*", with: ".*") + "$")
                    let found = Self.all.map(\.name).filter { $0.contains(pattern) }
                    #expect(!found.isEmpty, "no case is called \(name)")
                    cases.formUnion(found)
                } else {
                    let text = try String(contentsOf: top.appendingPathComponent(files[0]), encoding: .utf8)
                    #expect(text.contains(" \(name)(") || text.contains(" \(name):"), "\(suite) has no \(name)")
                }
            }
        }
        #expect(rules >= 45)
        #expect(cases.count > Self.all.count / 2)
    }

    /// Status codes of the answers in `bytes`, each with a Content-Length.
    private static func statuses(_ bytes: [UInt8]) throws -> [Int] {
        var statuses: [Int] = [], text = String(decoding: bytes, as: UTF8.self)[...]
        while !text.isEmpty {
            guard let end = text.range(of: "\r\n\r\n"), text.hasPrefix("HTTP/1.1 "), let status = Int(text.dropFirst(9).prefix(3)) else {
                throw HTTPLoopbackClient.Failure.malformedAnswer(String(text.prefix(200)))
            }
            statuses.append(status)
            let length = text[..<end.lowerBound].components(separatedBy: "\r\n").lazy.compactMap { line in
                line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
            }.first
            let body = text[end.upperBound...].utf8
            text = text[body.index(body.startIndex, offsetBy: length ?? 0)...]
        }
        return statuses
    }
}
