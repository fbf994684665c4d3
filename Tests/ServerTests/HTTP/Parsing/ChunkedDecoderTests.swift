import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct ChunkedDecoderTests {
    private func decode(_ text: String, limits: HTTPLimits = HTTPLimits(), maxBodyBytes: Int = 1_000) -> (
        body: String, ended: Bool, status: Int?
    ) {
        var decoder = ChunkedDecoder(limits: limits)
        let bytes = Array(text.utf8)
        var position = 0
        var body: [UInt8] = []
        do throws(ProtocolError) {
            while true {
                switch try decoder.next(bytes.span, at: &position, maxBodyBytes: maxBodyBytes) {
                case .needsBytes: return (String(decoding: body, as: UTF8.self), false, nil)
                case .body(let range): body += bytes[range]
                case .end: return (String(decoding: body, as: UTF8.self), position == bytes.count, nil)
                }
            }
        } catch {
            return (String(decoding: body, as: UTF8.self), false, error.status.code)
        }
    }

    @Test func chunksAreJoined() {
        let result = decode("a\r\n0123456789\r\n0A;n\r\n0123456789\r\n000\r\n\r\n")
        #expect(result.body == "01234567890123456789")
        #expect(result.ended)
    }

    static let malformed = [
        "+5\r\nhello\r\n", "5x\r\nhello\r\n", "0x5\r\nhello\r\n", "-1\r\n", " 5\r\nhello\r\n", "5 \r\nhello\r\n", "\r\n", ";x\r\n",
        "1000000000000000\r\n",  // 16 digits
        "5\nhello\r\n", "5\r\nhello\n", "5\r\nhelloo\r\n", "5\r\nhell\r\n0\r\n\r\n", "5\rX\nhello",
        "5;a=\u{1}\r\nhello\r\n", "5;\r\nhello\r\n", "5;;a\r\nhello\r\n", "5;a;\r\nhello\r\n", "5;bad[=x\r\nhello\r\n",
        "5;a=\r\nhello\r\n", "5;a=b c\r\nhello\r\n", "5;a=\"b\r\nhello\r\n", "5;a=\"b\\\"\r\nhello\r\n", "5;a=\"b\"c\r\nhello\r\n",
        "5;=b\r\nhello\r\n", "5;a \r\nhello\r\n", "5; \r\nhello\r\n", "0\r\nbad trailer\r\n\r\n", "0\r\n X: folded\r\n\r\n",
        "0\r\nX: 1\n\r\n",
    ]

    @Test func extensionsAsTheGrammarHasThem() {
        for text in [";a", ";a=b", ";a=\"b c;\\\"\"", " ; a = b ;\tc", ";a;b;c=\"\""] {
            #expect(decode("5\(text)\r\nhello\r\n0\r\n\r\n").ended, "\(text)")
        }
    }

    @Test func refuses() {
        for text in Self.malformed { #expect(decode(text).status == 400, "\(text.debugDescription)") }
    }

    @Test func limits() {
        #expect(decode("5\r\nhello\r\n1\r\n", maxBodyBytes: 5).status == 413)
        #expect(decode("fffffffffffffff\r\n").status == 413)  // 15 digits do not overflow
        var limits = HTTPLimits()
        limits.maxHeaderBytes = 10
        limits.maxHeaderCount = 2
        #expect(decode("1;aaaaa\r\nx\r\n1;bbbbb\r\nx\r\n", limits: limits).status == 431)  // extensions together
        #expect(decode("0\r\nA: 345678901\r\n\r\n", limits: limits).status == 431)
        #expect(decode("0\r\nA:1\r\nB:2\r\n\r\n", limits: limits).ended)
        #expect(decode("0\r\nA:1\r\nB:2\r\nC:3\r\n\r\n", limits: limits).status == 431)
        #expect(decode("1" + String(repeating: ";", count: 1_100), limits: HTTPLimits()).status == 400)
    }
}
