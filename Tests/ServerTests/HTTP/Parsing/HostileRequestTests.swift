import Foundation
import TestSupport
import Testing
@testable import Server

/// Requests that fuzzers found worth keeping: none may be taken for a good one's end, and none may harm the server.
@Suite(.timeLimit(.minutes(60))) struct HostileRequestTests {
    static func files() throws -> [(name: String, bytes: [UInt8])] {
        try HostileFiles.files("httpreq").map { ($0.lastPathComponent, [UInt8](try Data(contentsOf: $0))) }
    }

    @Test(.enabled(if: TestData.isExpected, TestData.reason)) func parserSaysTheSameHoweverTheyCome() throws {
        let files = try Self.files()
        #expect(files.count > 100)
        for file in files {
            // As they are, and mended far enough to get past the first line.
            let mended = Array(
                String(decoding: file.bytes, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "\n")
                    .replacingOccurrences(of: "\n", with: "\r\n").utf8)
            for bytes in [file.bytes, Array("GET".utf8) + mended, Array("POST".utf8) + mended] {
                let whole = HTTPTranscript([bytes])
                #expect(HTTPTranscript(bytes.map { [$0] }) == whole, "\(file.name)")
            }
        }
    }

    @Test(.enabled(if: TestData.isExpected, TestData.reason)) func serverOutlivesThem() throws {
        let files = try Self.files()
        try withServer(eventLoops: 2) { port, _ in
            for file in files {
                for prefix in ["", "GET", "POST"] {
                    let client = try HTTPLoopbackClient(port: port)
                    client.send(Array(prefix.utf8) + file.bytes)
                    client.finishSending()
                    let answer = try client.answer()
                    #expect((200..<600).contains(answer.status), "\(file.name)")
                    if prefix.isEmpty { #expect((400..<600).contains(answer.status), "\(file.name)") }
                }
                let client = try HTTPLoopbackClient(port: port)
                client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\ngood")
                #expect(try client.answer().text == "good", "after \(file.name)")
            }
        }
    }
}
