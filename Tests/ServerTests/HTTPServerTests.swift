import Foundation
import Testing
@testable import Server

/// Real sockets on loopback.
@Suite(.timeLimit(.minutes(60))) struct HTTPServerTests {
    private let good = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"

    private func post(_ path: String, _ body: String, _ fields: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    @Test func keepAliveAnswersOneAfterTheOther() throws {
        try withServer { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            for index in 0..<20 {
                client.send(post(index % 2 == 0 ? "/echo" : "/later", "body \(index)", "Content-Type: text/x\r\n"))
                let answer = try client.answer()
                #expect(answer.status == 200)
                #expect(answer.text == "body \(index)")
                #expect(answer.fields["content-type"] == "text/x")
                #expect(answer.fields["date"]?.hasSuffix(" GMT") == true)
                #expect(answer.fields["connection"] == nil)
            }
            client.send("GET /a%20b?x=%31 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.answer().text == "/a b?[(name: \"x\", value: \"1\")]")
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        try withServer { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            let bodies = (0..<50).map { "\($0)" }
            client.send(bodies.map { post(Int($0)! % 3 == 0 ? "/later" : "/echo", $0) }.joined())
            client.finishSending()
            for body in bodies { #expect(try client.answer().text == body) }
            #expect(try client.isClosedByServer())
        }
    }

    @Test func bytesMayComeOneByOne() throws {
        try withServer { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            let request =
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
                + post("/echo", "xyz")
            for byte in request.utf8 { client.send([byte]) }
            #expect(try client.answer().text == "abcde")
            #expect(try client.answer().text == "xyz")
        }
    }

    @Test func largeBodiesBothWays() throws {
        try withServer { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            let body = [UInt8](HTTPEchoHandler.big)
            client.send("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
            client.send(body)
            #expect(try client.answer().body == body)
            let chunks = stride(from: 0, to: body.count, by: 100_000).map { Array(body[$0..<min($0 + 100_000, body.count)]) }
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            for chunk in chunks { client.send(Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [0x0D, 0x0A]) }
            client.send("0\r\n\r\n")
            #expect(try client.answer().body == body)
        }
    }

    @Test func aClientThatReadsLateGetsEverything() throws {
        try withServer { port, _ in
            let slow = try HTTPLoopbackClient(port: port, receiveBufferBytes: 64 << 10)
            slow.send(String(repeating: "GET /big HTTP/1.1\r\nHost: a\r\n\r\n", count: 3))
            let other = try HTTPLoopbackClient(port: port)  // is served while the first one's answers wait
            other.send(good)
            #expect(try other.answer().status == 200)
            for _ in 0..<3 { #expect(try Data(slow.answer().body) == HTTPEchoHandler.big) }
        }
    }

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

    /// RFC 9110 section 9.3.2, also where the request cannot be read.
    @Test func aRefusedHeadHasNoBody() throws {
        try withServer(limits: { $0.headerTimeoutSeconds = 0.2 }) { port, _ in
            for (status, request) in [
                (400, "HEAD / HTTP/1.1\r\n\r\n"), (417, "HEAD / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n"),
                (400, "HEAD /%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
                (400, "HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"),
                (431, "HEAD / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 40_000))\r\n\r\n"),
                (414, "HEAD /\(String(repeating: "x", count: 9_000)) HTTP/1.1\r\nHost: a\r\n\r\n"), (505, "HEAD / HTTP/3.0\r\n\r\n"),
                (408, "HEAD / HTTP/1.1\r\nHost: a\r\n"), (408, "HEAD / HT"),
            ] {
                let client = try HTTPLoopbackClient(port: port)
                client.send(request)
                let text = try String(decoding: client.rest(), as: UTF8.self)
                #expect(text.hasPrefix("HTTP/1.1 \(status) ") && text.hasSuffix("\r\n\r\n"), "\(request.prefix(60)): \(text.suffix(80))")
            }
        }
    }

    /// Bytes behind the last request, even an empty line, must not cost the client its answer (RFC 9112 section 9.6).
    @Test func aStrayLineAfterTheLastRequestCostsNothing() throws {
        try withServer { port, _ in
            for version in ["HTTP/1.1\r\nHost: a\r\nConnection: close", "HTTP/1.0"] {
                for pause in [UInt32(0), 3_000, 100_000] {
                    let client = try HTTPLoopbackClient(port: port, receiveBufferBytes: 64 << 10)
                    client.send("GET /big \(version)\r\n\r\n")
                    usleep(pause)
                    client.send("\r\n")
                    usleep(50_000)
                    #expect(try Data(client.answer().body) == HTTPEchoHandler.big)
                    client.send("\r\n")
                    #expect(try client.isClosedByServer())
                }
            }
        }
    }

    @Test func expectContinue() throws {
        let handler = HTTPEchoHandler()
        try withServer(handler, limits: { $0.maxBodyBytes = 100 }) { port, _ in
            let client = try HTTPLoopbackClient(port: port)
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n")
            #expect(try client.answer().status == 100)
            client.send("hello")
            #expect(try client.answer().text == "hello")
            // No 100 when the body is already here, or when there is none.
            client.send(
                post("/echo", "hello", "Expect: 100-continue\r\n") + "GET /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n")
            #expect(try client.answer().text == "hello")
            #expect(try client.answer().status == 200)
            // Refused before a byte of it is sent.
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\nExpect: 100-continue\r\n\r\n")
            let refusal = try client.answer()
            #expect(refusal.status == 413)
            #expect(refusal.text.hasPrefix("100 101 "))
            #expect(refusal.fields["connection"] == "close")
            for (fields, status) in [("Expect: 100-continue\r\n", 401), ("Expect: else\r\n", 417)] {
                let client = try HTTPLoopbackClient(port: port)
                client.send("POST /rejected HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\(fields)\r\n")
                #expect(try client.answer().status == status)
                client.finishSending()
                #expect(try client.isClosedByServer())
            }
        }
        #expect(handler.requests == ["POST /echo 5", "POST /echo 5", "GET /echo 0"])
    }

    @Test func aRefusedBodyThatIsSentAnywayDoesNotHideTheAnswer() throws {
        try withServer { port, _ in
            for request in [
                "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n",
                "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7A1200\r\n",
                "POST /rejected HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n", "BAD\r\n",
            ] {
                let client = try HTTPLoopbackClient(port: port)
                client.send(request)
                client.send([UInt8](repeating: 0x41, count: 8_000_000))
                let status = try client.answer().status
                #expect([413, 401, 400].contains(status))
                client.finishSending()
                #expect(try client.isClosedByServer())
            }
        }
    }

    @Test func persistence() throws {
        try withServer { port, _ in
            for request in [
                "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET /echo HTTP/1.0\r\n\r\n",
                "GET /close HTTP/1.1\r\nHost: a\r\n\r\n",
            ] {
                let client = try HTTPLoopbackClient(port: port)
                client.send(request)
                let answer = try client.answer()
                #expect(answer.status == 200)
                #expect(answer.fields["connection"] == "close")
                #expect(try client.isClosedByServer())
            }
        }
    }

    @Test func malformedRequestsAreAnsweredAndTheServerGoesOn() throws {
        try withServer { port, _ in
            for (status, text) in HTTPMessageParserTests.malformed {
                let client = try HTTPLoopbackClient(port: port)
                client.send(text)
                client.finishSending()
                let answer = try client.answer()
                #expect(answer.status == status, "\(text.debugDescription)")
                #expect(answer.fields["connection"] == "close")
                #expect(try client.isClosedByServer())
            }
            let truncated = try HTTPLoopbackClient(port: port)
            truncated.send(String(post("/echo", "hello").dropLast()))
            truncated.finishSending()
            #expect(try truncated.answer().status == 400)
            let silent = try HTTPLoopbackClient(port: port)
            silent.finishSending()
            #expect(try silent.isClosedByServer())
            let client = try HTTPLoopbackClient(port: port)
            client.send(good)
            #expect(try client.answer().status == 200)
        }
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

    @Test func beyondTheConnectionLimitClientsWaitTheirTurn() throws {
        try withServer(limits: { $0.maxConnections = 2 }) { port, _ in
            var first: HTTPLoopbackClient? = try HTTPLoopbackClient(port: port)
            let second = try HTTPLoopbackClient(port: port)
            for client in [first, second] {
                client?.send(good)
                #expect(try client?.answer().status == 200)
            }
            let third = try HTTPLoopbackClient(port: port)
            third.send(good)
            first = nil
            #expect(try third.answer().status == 200)
            second.send(good)
            #expect(try second.answer().status == 200)
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

    @Test func aTakenPortIsNamed() throws {
        try withServer { port, server in
            let second = HTTPServer(host: "127.0.0.1", port: port, logger: .init(label: "test"), handler: HTTPEchoHandler())
            do {
                _ = try second.start()
                Issue.record("two servers on one port")
            } catch let error as ListenError {
                #expect(error.description.contains("127.0.0.1 port \(port)"))
            }
            #expect(throws: ListenError.self) { try server.start() }
            second.stop(drainSeconds: 0)
        }
    }
}
