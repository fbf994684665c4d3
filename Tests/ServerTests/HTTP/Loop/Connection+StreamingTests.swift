import Foundation
import HTTPTypes
import Synchronization
import Testing
@testable import Server

/// Answers `/stream` with a body that the test writes, `/hold` when the test says so, all else at once.
private final class StreamHandler: HTTPHandler {
    private let writers = Mutex<[BodyWriter]>([])
    private let held = Mutex<[@Sendable (Response) -> Void]>([])
    private let arrivals = DispatchSemaphore(value: 0)
    let departures = DispatchSemaphore(value: 0)
    let heartbeat: [UInt8]?

    init(heartbeat: [UInt8]? = nil) { self.heartbeat = heartbeat }

    func decide(_ head: HTTPRequest, contentLength: Int?, origin: RequestOrigin) -> BodyDecision { .read(maxBytes: .max) }

    func handle(_ request: Request, reply: @escaping @Sendable (Response) -> Void) {
        switch request.path {
        case "/stream":
            reply(
                Response(
                    status: .ok, fields: [.contentType: "text/plain"],
                    body: .stream(
                        ResponseStream(heartbeat: heartbeat) { [self] writer in
                            writer.onClose { [departures] in departures.signal() }
                            writers.withLock { $0.append(writer) }
                            arrivals.signal()
                        })))
        case "/hold":
            request.client.onDeparture { [departures] in departures.signal() }
            held.withLock { $0.append(reply) }
            arrivals.signal()
        default: reply(Response(status: .ok, body: .data(Data("ok".utf8))))
        }
    }

    func refusal(_ error: ProtocolError, head: HTTPRequest?, origin: RequestOrigin) -> Response { Response(status: error.status) }

    func writer() -> BodyWriter {
        arrivals.wait()
        return writers.withLock { $0.removeFirst() }
    }

    func waitForHeld() { arrivals.wait() }

    func release() {
        let replies = held.withLock { held in
            defer { held = [] }
            return held
        }
        for reply in replies { reply(Response(status: .ok)) }
    }

    func departed() -> Bool { departures.wait(timeout: .now() + 20) == .success }
}

/// Bodies without a known end, and clients that leave before theirs.
@Suite(.timeLimit(.minutes(60))) struct ConnectionStreamingTests {
    private let get = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n", plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        hold = "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n"

    private func texts(_ client: HTTPLoopbackClient) throws -> String {
        var text: [UInt8] = []
        while true {
            let chunk = try client.chunk()
            if chunk.isEmpty { return String(decoding: text, as: UTF8.self) }
            text += chunk
        }
    }

    @Test func chunksArriveAsTheyAreWrittenAndTheConnectionGoesOn() throws {
        let handler = StreamHandler()
        try withServer(handler) { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            for _ in 0..<2 {
                client.send(get)
                let writer = handler.writer()
                let head = try client.head()
                #expect(head.status == 200 && head.fields["transfer-encoding"] == "chunked" && head.fields["content-length"] == nil)
                for text in ["first", "second one", String(repeating: "x", count: 100_000)] {
                    #expect(writer.write(Array(text.utf8)))
                    var received: [UInt8] = []
                    while received.count < text.utf8.count { received += try client.chunk() }
                    #expect(String(decoding: received, as: UTF8.self) == text)
                }
                #expect(writer.write([]))  // nothing, and not the end
                writer.finish()
                writer.finish()
                #expect(!writer.write([1]))
                #expect(try client.chunk().isEmpty)
            }
            client.send(plain)
            #expect(try client.answer().text == "ok")
        }
    }

    @Test func requestsBehindAStreamWaitForItsEnd() throws {
        let handler = StreamHandler()
        try withServer(handler) { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            client.send(get + plain)
            let writer = handler.writer()
            writer.write(Array("a".utf8))
            writer.finish()
            #expect(try client.head().status == 200)
            #expect(try texts(client) == "a")
            #expect(try client.answer().text == "ok")
        }
    }

    @Test func olderClientsReadToTheEndOfTheConnection() throws {
        let handler = StreamHandler()
        try withServer(handler) { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            client.send("GET /stream HTTP/1.0\r\n\r\n")
            let writer = handler.writer()
            writer.write(Array("one ".utf8))
            writer.write(Array("two".utf8))
            writer.finish()
            let head = try client.head()
            #expect(head.fields["transfer-encoding"] == nil && head.fields["connection"] == "close")
            #expect(try String(decoding: client.rest(), as: UTF8.self) == "one two")
        }
    }

    @Test func headOfAStreamStartsNone() throws {
        try withServer(StreamHandler()) { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            client.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n" + plain)
            #expect(try client.head().status == 200)
            #expect(try client.answer().text == "ok")
        }
    }

    @Test func heartbeatsFillTheSilence() throws {
        let handler = StreamHandler(heartbeat: Array(":\n\n".utf8))
        try withServer(handler, limits: { $0.heartbeatSeconds = 0.02 }) { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            client.send(get)
            let writer = handler.writer()
            _ = try client.head()
            for _ in 0..<3 { #expect(try client.chunk() == Array(":\n\n".utf8)) }
            writer.finish()
            #expect(try texts(client).allSatisfy { ":\n".contains($0) })
        }
    }

    @Test func aReaderThatLeavesIsNoticed() throws {
        let handler = StreamHandler(heartbeat: [0x3A])
        try withServer(handler) { port, _ in
            var client: HTTPLoopbackClient? = try HTTPLoopbackClient(port: port)
            client?.send(get)
            let writer = handler.writer()
            _ = try client?.head()
            client = nil
            #expect(handler.departed())
            #expect(!writer.write([1]))
            writer.onClose { handler.departures.signal() }  // too late: at once
            #expect(handler.departed())
        }
    }

    /// It takes no byte, so the body would grow in memory.
    @Test func aReaderThatDoesNotReadIsDropped() throws {
        let handler = StreamHandler()
        try withServer(handler, limits: { $0.maxStreamBacklogBytes = 1 << 20 }) { port, _ in
            let deaf = try HTTPLoopbackClient(port: port, receiveBufferBytes: 4_096)
            deaf.send(get)
            let writer = handler.writer()
            let block = [UInt8](repeating: 0x41, count: 64 << 10)
            var written = 0
            while writer.write(block), written < 1 << 30 { written += block.count }
            #expect(written < 1 << 30)
            #expect(handler.departed())
            _ = deaf
        }
    }

    @Test func stoppingEndsStreamsInOrder() throws {
        let handler = StreamHandler()
        try withServer(handler) { port, server in
            let client = try HTTPLoopbackClient(port: port)
            client.send(get)
            let writer = handler.writer()
            _ = try client.head()
            writer.write(Array("last".utf8))
            let stopped = DispatchSemaphore(value: 0)
            DispatchQueue.global().async {
                server.stop(drainSeconds: 60)
                stopped.signal()
            }
            #expect(try texts(client) == "last")
            client.finishSending()
            #expect(try client.isClosedByServer())
            stopped.wait()
        }
    }

    /// Only one thread serves them all.
    @Test func manySilentStreamsHoldNoThread() throws {
        let handler = StreamHandler()
        try withServer(handler, eventLoops: 1) { port, _ in
            let clients = try (0..<200).map { _ in try HTTPLoopbackClient(port: port) }
            for client in clients { client.send(get) }
            let writers = clients.map { _ in handler.writer() }
            let other = try HTTPLoopbackClient(port: port)
            other.send(plain)
            #expect(try other.answer().text == "ok")
            for writer in writers {
                writer.write(Array("done".utf8))
                writer.finish()
            }
            for client in clients {
                _ = try client.head()
                #expect(try texts(client) == "done")
            }
        }
    }

    @Test func aClientThatLeavesBeforeItsAnswerIsNoticed() throws {
        let handler = StreamHandler()
        try withServer(handler, limits: { $0.probeSeconds = 0.01 }) { port, _ in
            var client: HTTPLoopbackClient? = try HTTPLoopbackClient(port: port)
            client?.send(hold)
            handler.waitForHeld()
            client = nil
            #expect(handler.departed())
            handler.release()  // nobody hears it
            // Gone before its request was read.
            try HTTPLoopbackClient(port: port).send(hold)
            handler.waitForHeld()
            #expect(handler.departed())
        }
    }

    /// It has only closed its sending half: a 100 that it did not ask for, and then its answer.
    @Test func aClientThatOnlyFinishedSendingGetsItsAnswer() throws {
        let handler = StreamHandler()
        try withServer(handler, limits: { $0.probeSeconds = 0.01 }) { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            client.send(hold)
            handler.waitForHeld()
            client.finishSending()
            #expect(try client.answer().status == 100)
            handler.release()
            #expect(try client.answer().status == 200)
            #expect(handler.departures.wait(timeout: .now()) == .timedOut)
        }
    }

    @Test func departuresAreToldOnceAndNotAfterTheAnswer() {
        let told = Mutex(0)
        let count: @Sendable () -> Void = { told.withLock { $0 += 1 } }
        let answered = ClientPresence()
        answered.onDeparture(count)
        answered.answered()
        answered.left()
        answered.onDeparture(count)
        #expect(told.withLock { $0 } == 0)
        let left = ClientPresence()
        left.onDeparture { Issue.record("replaced") }
        left.onDeparture(count)
        left.left()
        left.left()
        #expect(told.withLock { $0 } == 1)
        left.onDeparture(count)
        #expect(told.withLock { $0 } == 2, "at once when it has left already")
    }

    /// Who follows something comes again by himself: where nothing else can be closed, the one that has been quiet for longest goes.
    @Test func followersMakeRoomForOthers() throws {
        let handler = StreamHandler()
        try withServer(handler, limits: { $0.maxConnections = 8 }) { port, _ in
            let followers = try (0..<7).map { _ in
                let client = try HTTPLoopbackClient(port: port)
                client.send(get)
                _ = handler.writer()
                #expect(try client.head().status == 200)
                return client
            }
            let other = try HTTPLoopbackClient(port: port)
            other.send(plain)
            #expect(try other.answer().status == 200)
            #expect(handler.departed())
            #expect(try followers[0].isClosedByServer())
        }
    }
}
