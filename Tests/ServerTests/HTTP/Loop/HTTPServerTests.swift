import Foundation
import Testing
@testable import Server

/// Real sockets on loopback.
@Suite(.timeLimit(.minutes(60))) struct HTTPServerTests {
    private let good = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"

    private func post(_ path: String, _ body: String, _ fields: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    @Test func idleClientsAreClosedWithoutAWord() throws {
        try withServer(limits: { $0.idleTimeoutSeconds = 0.05 }) { port, _ in
            #expect(try HTTPLoopbackClient(port: port).isClosedByServer())
            let used = try HTTPLoopbackClient(port: port)
            used.send(good + "\r\n")  // the empty line begins no request
            #expect(try used.answer().status == 200)
            #expect(try used.isClosedByServer())
        }
    }

    @Test func slowClientsAreToldSo() throws {
        try withServer(limits: {
            $0.headerTimeoutSeconds = 0.05
            $0.bodyTimeoutSeconds = 0.05
            $0.lingerTimeoutSeconds = 0.05
        }) { port, _ in
            for slow in [
                "GET / HTT", "GET / HTTP/1.1\r\nHost: a\r\n", good + "G", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel",
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
            ] {
                let client = try HTTPLoopbackClient(port: port)
                client.send(slow)
                if slow.hasPrefix(good) { #expect(try client.answer().status == 200) }
                #expect(try client.answer().status == 408, "\(slow.debugDescription)")
                #expect(try client.isClosedByServer())  // though the client has not finished sending
            }
        }
    }

    @Test func aClientThatNeverReadsIsDropped() throws {
        let handler = HTTPEchoHandler()
        try withServer(
            handler,
            limits: {
                $0.bodyTimeoutSeconds = 0.05
                $0.maxConnections = 1
            }
        ) { port, _ in
            let deaf = try HTTPLoopbackClient(port: port, receiveBufferBytes: 4_096)
            deaf.send(String(repeating: "GET /big HTTP/1.1\r\nHost: a\r\n\r\n", count: 4))
            let next = try HTTPLoopbackClient(port: port)  // only one is let in: served once the other is dropped
            next.send(good)
            #expect(try next.answer().status == 200)
            #expect(handler.requests.filter { $0.hasPrefix("GET /big") }.count < 4)
            _ = deaf
        }
    }

    @Test func clientsThatVanishDoNoHarm() throws {
        let handler = HTTPEchoHandler()
        try withServer(handler) { port, _ in
            for request in [
                post("/hold", "x"), "GET /big HTTP/1.1\r\nHost: a\r\n\r\n", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx",
            ] {
                let client = try HTTPLoopbackClient(port: port)
                client.send(request)
            }
            handler.waitForHeld()
            handler.release()  // its client is gone
            let client = try HTTPLoopbackClient(port: port)
            client.send("GET /twice HTTP/1.1\r\nHost: a\r\n\r\n" + good)
            #expect(try client.answer().status == 200)
            #expect(try client.answer().status == 200)
        }
    }
}
