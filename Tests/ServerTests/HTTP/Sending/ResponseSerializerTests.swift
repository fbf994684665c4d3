import Foundation
import HTTPTypes
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct ResponseSerializerTests {
    private func head(_ response: Response, bodyLength: Int = 0, isHead: Bool = false, closes: Bool = false) -> String {
        var bytes: [UInt8] = []
        ResponseSerializer.appendHead(
            of: response, date: Array("DATE".utf8), bodyLength: bodyLength, isHead: isHead, closes: closes, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func plain() {
        let response = Response(
            status: .ok,
            fields: [.contentType: "text/plain", .connection: "keep-alive", .transferEncoding: "chunked", .contentLength: "99"])
        #expect(
            head(response, bodyLength: 5)
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nDate: DATE\r\n\r\n")
        #expect(head(response, bodyLength: 5, closes: true).hasSuffix("Date: DATE\r\nConnection: close\r\n\r\n"))
    }

    @Test func bodilessAnswers() {
        #expect(head(Response(status: .ok)) == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: DATE\r\n\r\n")
        #expect(head(Response(status: .noContent)) == "HTTP/1.1 204 No Content\r\nDate: DATE\r\n\r\n")
        #expect(head(Response(status: .noContent, fields: [.contentLength: "5"])) == "HTTP/1.1 204 No Content\r\nDate: DATE\r\n\r\n")
        #expect(
            head(Response(status: .notModified, fields: [.contentLength: "5"]))
                == "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nDate: DATE\r\n\r\n")
        #expect(head(Response(status: .ok, fields: [.contentLength: "7"]), isHead: true).contains("Content-Length: 7\r\n"))
        #expect(head(Response(status: .ok), bodyLength: 9, isHead: true).contains("Content-Length: 9\r\n"))
    }

    @Test func statusWithoutReason() {
        #expect(head(Response(status: 507)).hasPrefix("HTTP/1.1 507 \r\n"))
    }

    @Test func ownDateIsKept() {
        let text = head(Response(status: .ok, fields: [.date: "mine"]))
        #expect(text.contains("Date: mine\r\n"))
        #expect(!text.contains("DATE"))
    }

    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),  // the RFC's own example
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT"),
        (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
    ]) func dates(seconds: Int, text: String) {
        #expect(HTTPDate.string(secondsSince1970: seconds) == text)
    }
}
