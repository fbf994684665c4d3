import Foundation
import Glibc

/// One GET over a socket of its own; reads no further than the status line (RFC 9112 section 4).
package struct HealthProbe {
    package let host, port, path: String

    /// - Parameter url: http://HOST, http://HOST:PORT or either with a path; nil for anything else.
    package init?(url: String) {
        guard let parts = URLComponents(string: url), parts.scheme == "http", let host = parts.host, !host.isEmpty else { return nil }
        // URLComponents keeps the brackets of an IPv6 address (RFC 3986 section 3.2.2); the resolver wants none.
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        port = String(parts.port ?? 80)
        path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
    }

    package enum Failure: Error, CustomStringConvertible {
        case unknownHost(String)
        case noConnection(errno: Int32)
        case noAnswer
        case notHTTP(String)

        package var description: String {
            switch self {
            case .unknownHost(let reason): "the host is not known: \(reason)"
            case .noConnection(let code): "no connection: \(String(cString: strerror(code)))"
            case .noAnswer: "no answer in time"
            case .notHTTP(let line): "no HTTP/1.1 answer but '\(line)'"
            }
        }
    }

    /// - Throws: `Failure`
    package func status(timeoutSeconds: Double) throws -> Int {
        let descriptor = try connected(timeoutSeconds)
        defer { close(descriptor) }
        let authority = host.contains(":") ? "[\(host)]" : host
        var request = Array("GET \(path) HTTP/1.1\r\nHost: \(authority):\(port)\r\nConnection: close\r\n\r\n".utf8)
        while !request.isEmpty {
            let sent = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
            guard sent > 0 else { throw Failure.noConnection(errno: errno) }
            request.removeFirst(sent)
        }
        return try Self.status(of: firstLine(descriptor))
    }

    /// The status of a response's first line: 200 of "HTTP/1.1 200 OK".
    package static func status(of line: String) throws -> Int {
        let parts = line.split(separator: " ")
        guard parts.count >= 2, parts[0] == "HTTP/1.1", parts[1].utf8.count == 3, let status = Int(parts[1]) else {
            throw Failure.notHTTP(String(line.prefix(80)))
        }
        return status
    }

    private func connected(_ timeoutSeconds: Double) throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, port, &hints, &found)
        guard code == 0 else { throw Failure.unknownHost(String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(found) }

        var failure = EHOSTUNREACH
        var timeout = timeval(tv_sec: Int(timeoutSeconds), tv_usec: Int((timeoutSeconds - timeoutSeconds.rounded(.down)) * 1_000_000))
        var candidate = found
        while let address = candidate?.pointee {
            candidate = address.ai_next
            let descriptor = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
            guard descriptor >= 0 else { failure = errno; continue }
            // On Linux the send timeout is the connection's too (socket(7)).
            for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
                setsockopt(descriptor, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
            }
            if connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return descriptor }
            failure = errno
            close(descriptor)
        }
        throw Failure.noConnection(errno: failure)
    }

    private func firstLine(_ descriptor: Int32) throws -> String {
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while !line.contains(0x0D), line.count < 1_024 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            line += buffer[..<count]
        }
        guard !line.isEmpty else { throw Failure.noAnswer }
        return String(decoding: line.prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self)
    }
}
