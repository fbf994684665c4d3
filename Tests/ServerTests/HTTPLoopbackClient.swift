import Foundation
import Glibc

/// A client that sends exactly the bytes it is told to, and reads answers one by one. Blocking; a read that takes 20 s is a failure.
final class HTTPLoopbackClient {
    struct Answer: Equatable {
        var status: Int
        var fields: [String: String]  // names lowercased
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    enum Failure: Error { case cannotConnect, closedEarly(received: String), reset, timedOut, malformedAnswer(String) }

    private let descriptor: Int32
    private var received: [UInt8] = []

    init(port: UInt16, receiveBufferBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: Int(GatedEngine.patienceSeconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        if var bytes = receiveBufferBytes { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size)) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { throw Failure.cannotConnect }
    }

    deinit { close(descriptor) }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Gives up quietly when the server has closed: what it answered before is what matters.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return }
            sent += count
        }
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// - Parameter isHead: the answer has no body, whatever its Content-Length says.
    func answer(isHead: Bool = false) throws -> Answer {
        var answer = try head()
        let (status, fields) = (answer.status, answer.fields)
        let length = isHead || status < 200 || status == 204 || status == 304 ? 0 : Int(fields["content-length"] ?? "") ?? -1
        if length < 0 { throw Failure.malformedAnswer("no Content-Length") }
        while received.count < length {
            guard try receive() else { throw Failure.closedEarly(received: "\(received.count) of \(length) bytes of the body") }
        }
        answer.body = Array(received[..<length])
        received.removeFirst(length)
        return answer
    }

    /// The next chunk of a body; empty at its end.
    func chunk() throws -> [UInt8] {
        func need(_ end: () -> Int?) throws -> Int {
            while true {
                if let end = end() { return end }
                guard try receive() else { throw Failure.closedEarly(received: String(decoding: received, as: UTF8.self)) }
            }
        }
        let line = try need { received.firstIndex(of: 0x0A) }
        guard let size = Int(String(decoding: received[..<line].dropLast(), as: UTF8.self), radix: 16) else {
            throw Failure.malformedAnswer(String(decoding: received[..<line], as: UTF8.self))
        }
        let end = try need { received.count >= line + 1 + size + 2 ? line + 1 + size : nil }
        defer { received.removeFirst(end + 2) }
        guard received[end] == 0x0D, received[end + 1] == 0x0A else { throw Failure.malformedAnswer("a chunk does not end in CRLF") }
        return Array(received[(line + 1)..<end])
    }

    /// Whatever comes before the server closes.
    func rest() throws -> [UInt8] {
        while try receive() {}
        defer { received = [] }
        return received
    }

    /// Status and fields of the next answer; its body stays unread.
    func head() throws -> Answer {
        var end = headEnd()
        while end == nil {
            guard try receive() else { throw Failure.closedEarly(received: String(decoding: received, as: UTF8.self)) }
            end = headEnd()
        }
        let head = String(decoding: received[..<(end! - 4)], as: UTF8.self).components(separatedBy: "\r\n")
        received.removeFirst(end!)
        guard let status = head[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }), head[0].hasPrefix("HTTP/1.1 ") else {
            throw Failure.malformedAnswer(head[0])
        }
        var fields: [String: String] = [:]
        for line in head.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            fields[parts[0].lowercased()] = parts.count > 1 ? parts[1] : ""
        }
        return Answer(status: status, fields: fields, body: [])
    }

    /// Whether the server ends the connection in good order, without another byte.
    func isClosedByServer() throws -> Bool { try received.isEmpty && !receive() }

    private func headEnd() -> Int? {
        guard received.count >= 4 else { return nil }
        return (4...received.count).first { received[($0 - 4)..<$0].elementsEqual([0x0D, 0x0A, 0x0D, 0x0A]) }
    }

    /// False at the end of the stream.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 { throw errno == ECONNRESET ? Failure.reset : Failure.timedOut }
        received += buffer[..<count]
        return count > 0
    }
}
