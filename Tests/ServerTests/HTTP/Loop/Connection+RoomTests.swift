import Foundation
import Testing
@testable import Server

/// More connections than places: nobody locks others out.
@Suite(.timeLimit(.minutes(60))) struct ConnectionRoomTests {
    private let good = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"

    /// A server with seven places and one that is kept, and seven clients that have been brought into a state one after the other.
    private func withFull(
        _ handler: HTTPEchoHandler = HTTPEchoHandler(), limits: @escaping (inout HTTPLimits) -> Void = { _ in },
        each: (HTTPLoopbackClient) throws -> Void, _ body: ([HTTPLoopbackClient], UInt16) throws -> Void
    ) throws {
        try withServer(
            handler,
            limits: {
                $0.maxConnections = 8
                limits(&$0)
            }
        ) { port, _ in
            let clients = try (0..<7).map { _ in
                let client = try HTTPLoopbackClient(port: port)
                client.send(good)
                #expect(try client.answer().status == 200)
                return client
            }
            for client in clients { try each(client) }
            try body(clients, port)
        }
    }

    private func expectServed(_ client: HTTPLoopbackClient) throws {
        client.send(good)
        #expect(try client.answer().status == 200)
    }

    @Test func theLongestIdleIsClosedWithoutAWord() throws {
        try withFull(each: expectServed) { clients, port in
            try expectServed(HTTPLoopbackClient(port: port))
            #expect(try clients[0].isClosedByServer())
            for client in clients[2...] { try expectServed(client) }
        }
    }

    @Test func theSlowestHeadIsToldAndClosed() throws {
        try withFull(
            each: { client in
                // In one piece with a whole request, whose answer shows that both have been read.
                client.send(good + "GET /echo HT")
                let answer = try client.answer()
                #expect(answer.status == 200)
            }
        ) { clients, port in
            try expectServed(HTTPLoopbackClient(port: port))
            let told = try clients[0].answer()
            #expect(told.status == 503 && told.fields["retry-after"] != nil && told.fields["connection"] == "close")
            clients[6].send("TP/1.1\r\nHost: a\r\n\r\n")
            #expect(try clients[6].answer().status == 200)
        }
    }

    @Test func theSlowestBodyIsToldAndClosed() throws {
        try withFull(
            limits: { $0.minBytesPerSecond = 0 },
            each: { $0.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe") }
        ) { clients, port in
            usleep(1_300_000)
            for client in clients[1...] { client.send("l") }
            usleep(100_000)
            try expectServed(HTTPLoopbackClient(port: port))
            #expect(try clients[0].answer().status == 503)
            clients[6].send("lo")
            #expect(try clients[6].answer().text == "hello")
        }
    }

    /// What is being answered is not closed. Probes get in all the same, others are told to come again.
    @Test func aPlaceIsKeptForProbes() throws {
        let handler = HTTPEchoHandler()
        try withFull(
            handler,
            each: { client in
                client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
                handler.waitForHeld()
            }
        ) { clients, port in
            for _ in 0..<3 {
                let probe = try HTTPLoopbackClient(port: port)
                probe.send("GET /who HTTP/1.1\r\nHost: a\r\n\r\n")
                let answer = try probe.answer()
                #expect(answer.status == 200 && answer.fields["connection"] == "close")
                // Its place is free for the next though it has not closed.
                let other = try HTTPLoopbackClient(port: port)
                other.send(good)
                let refusal = try other.answer()
                #expect(refusal.status == 503 && refusal.fields["connection"] == "close")
            }
            let silent = try HTTPLoopbackClient(port: port)
            #expect(try silent.isClosedByServer(), "it has a second to say what it wants")
            handler.release()
            for client in clients { #expect(try client.answer().status == 200) }
            try expectServed(clients[0])
        }
    }

    /// Whoever does not read what was made for him holds a file, which is counted: when they are used up the next one is told.
    @Test func answersMadeInMemoryWaitInFilesThatAreCounted() throws {
        let made = HTTPEchoHandler.made
        try withServer(
            limits: {
                $0.maxBodyMemoryBytes = 1 << 20
                $0.maxBodyDiskBytes = made.count * 3 / 2
            }
        ) { port, _ in
            let get = "GET /made HTTP/1.1\r\nHost: a\r\n\r\n"
            var slow: HTTPLoopbackClient? = try HTTPLoopbackClient(port: port, receiveBufferBytes: 4_096)
            slow?.send(get)
            #expect(try slow?.head().status == 200)
            let next = try HTTPLoopbackClient(port: port)
            next.send(get)
            let refusal = try next.answer()
            #expect(refusal.status == 503 && refusal.fields["connection"] == "close")
            #expect(refusal.text.hasPrefix("\(made.count * 3 / 2) "), "the limit is named: \(refusal.text)")
            slow = nil
            var answer = refusal
            try ServiceFixture.wait {
                let client = try HTTPLoopbackClient(port: port)
                client.send(get)
                answer = try client.answer()
                return answer.status == 200
            }
            #expect(Data(answer.body) == made)
        }
    }
}
