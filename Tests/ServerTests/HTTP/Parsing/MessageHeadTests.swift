import HTTPTypes
import Testing
@testable import Server

/// Target, host and persistence of a message.
@Suite(.timeLimit(.minutes(60))) struct MessageHeadTests {
    @Test func absoluteFormOverrulesHost() throws {
        let head = try #require(HTTPTranscript(MessageParserTests.streams[4]).heads.first)
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
}
