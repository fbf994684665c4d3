import Foundation
import Testing
@testable import Server

/// One client: requests in, answers out.
@Suite(.timeLimit(.minutes(60))) struct ConnectionTests {
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
            for (status, text) in MessageParserTests.malformed {
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

    @Test func largeBodiesComeThroughTheirFiles() throws {
        try withServer(limits: { $0.spoolAboveBytes = 10_000 }) { port, _ in
            let client = try HTTPLoopbackClient(port: port), body = [UInt8](HTTPEchoHandler.big.prefix(3_000_000))
            for path in ["/echo", "/later"] {
                client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
                client.send(body)
                #expect(try client.answer().body == body)
                client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                for start in stride(from: 0, to: body.count, by: 100_000) {
                    client.send(Array("186a0\r\n".utf8) + body[start..<start + 100_000] + [0x0D, 0x0A])
                }
                client.send("0\r\n\r\n")
                #expect(try client.answer().body == body)
            }
        }
    }

    /// 503 instead of 100, before a byte of the body is sent; room again once the first has been answered.
    @Test func overTheBudgetIsToldBeforeTheBody() throws {
        try withServer(limits: { $0.maxBodyMemoryBytes = 200_000 }) { port, _ in
            let first = try HTTPLoopbackClient(port: port)
            first.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 150000\r\n\r\n")
            first.send([UInt8](repeating: 0x41, count: 140_000))
            var status = 0
            for _ in 0..<100 where status != 503 {  // until the first one's bytes have arrived
                let other = try HTTPLoopbackClient(port: port)
                other.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 150000\r\nExpect: 100-continue\r\n\r\n")
                let answer = try other.head()
                status = answer.status
                if status != 503 { usleep(1_000) }
            }
            #expect(status == 503)
            first.send([UInt8](repeating: 0x41, count: 10_000))
            #expect(try first.answer().status == 200)
            for _ in 0..<20 {  // far more than the budget, one after the other
                first.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 150000\r\n\r\n")
                first.send([UInt8](repeating: 0x42, count: 150_000))
                #expect(try first.answer().body.count == 150_000)
            }
        }
    }
}
