import Foundation
import Testing
@testable import Server

/// What goes out: files from where they begin, and no body where there is none.
@Suite(.timeLimit(.minutes(60))) struct OutgoingMessageTests {
    private let good = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func filesAreSentFromTheirOffset() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("http-\(UUID().uuidString)")
        try HTTPEchoHandler.big.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try withServer(HTTPEchoHandler(file: file)) { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            client.send("GET /file HTTP/1.1\r\nHost: a\r\n\r\nHEAD /file HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try Data(client.answer().body) == HTTPEchoHandler.big[3..<1_000_003])
            #expect(try client.answer(isHead: true).fields["content-length"] == "1000000")
            for path in ["/short", "/missing"] {
                client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.answer().status == 500)
            }
            client.send(good)
            #expect(try client.answer().status == 200)
        }
    }

    @Test func headHasNoBody() throws {
        try withServer { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            client.send("HEAD /who HTTP/1.1\r\nHost: a\r\n\r\nGET /empty HTTP/1.1\r\nHost: a\r\n\r\n" + good)
            let head = try client.answer(isHead: true)
            #expect(head.status == 200)
            #expect(Int(head.fields["content-length"] ?? "") ?? 0 > 10)
            #expect(try client.answer().status == 204)
            #expect(try client.answer().status == 200)
        }
    }
}
