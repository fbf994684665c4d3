import Foundation
import Testing
@testable import Server

/// Several loops, and how they end.
@Suite(.timeLimit(.minutes(60))) struct EventLoopTests {
    private let good = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"

    private func post(_ path: String, _ body: String, _ fields: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    @Test func severalLoopsServeManyClients() throws {
        let handler = HTTPEchoHandler()
        try withServer(handler, eventLoops: 3) { port, _ in
            let clients = try (0..<60).map { _ in try HTTPLoopbackClient(port: port) }
            var ids: Set<String> = []
            for _ in 0..<5 {
                for client in clients { client.send("GET /who HTTP/1.1\r\nHost: a\r\n\r\n" + post("/later", "x")) }
                for client in clients {
                    let parts = try client.answer().text.split(separator: " ").map(String.init)
                    #expect(parts[0] == "127.0.0.1")
                    ids.insert(parts[1])
                    #expect(try client.answer().text == "x")
                }
            }
            #expect(ids.count == 300)
        }
    }

    @Test func stoppingFinishesWhatIsUnderWay() throws {
        let handler = HTTPEchoHandler()
        try withServer(handler) { port, server in  // one loop: when it has closed the idle client it is draining
            let idle = try HTTPLoopbackClient(port: port)
            idle.send(good)
            #expect(try idle.answer().status == 200)
            let busy = try HTTPLoopbackClient(port: port)
            busy.send(post("/hold", "late"))
            handler.waitForHeld()
            let stopped = DispatchSemaphore(value: 0)
            DispatchQueue.global().async {
                server.stop(drainSeconds: 60)
                stopped.signal()
            }
            #expect(try idle.isClosedByServer())
            handler.release()
            let answer = try busy.answer()
            #expect(answer.text == "late")
            #expect(answer.fields["connection"] == "close")
            busy.finishSending()
            #expect(try busy.isClosedByServer())
            stopped.wait()
            #expect(throws: HTTPLoopbackClient.Failure.self) { try HTTPLoopbackClient(port: port) }
        }
    }

    @Test func stoppingEndsAtItsDeadline() throws {
        let handler = HTTPEchoHandler()
        try withServer(handler) { port, server in
            let busy = try HTTPLoopbackClient(port: port)
            busy.send(post("/hold", "never"))
            handler.waitForHeld()
            server.stop(drainSeconds: 0.02)
            #expect(throws: HTTPLoopbackClient.Failure.self) { try busy.answer() }
            handler.release()  // long after the loop has ended
        }
    }
}
