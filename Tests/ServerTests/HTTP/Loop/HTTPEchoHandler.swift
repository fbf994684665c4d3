import Foundation
import HTTPTypes
import Logging
import Synchronization
@testable import Server

/// Says what it saw. Paths: `/echo` the body, `/later` the same from another thread, `/big` 8 MB, `/made` three times that from another thread, `/file` part of a file, `/missing` a file
/// that is not there, `/hold` waits for `release`, `/twice` two replies. Bodies: `/small` up to 10 bytes, `/rejected` none.
final class HTTPEchoHandler: HTTPHandler {
    /// 8 MB whose period divides no buffer size, so that a block sent twice or left out shows.
    static let big = {
        let block = Data((0..<65_537).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) })
        return (0..<128).reduce(into: Data()) { data, _ in data.append(block) }
    }()

    static let made = big + big + big

    private let held = Mutex<[@Sendable () -> Void]>([])
    private let seen = Mutex<[String]>([])
    private let arrivals = DispatchSemaphore(value: 0)
    let file: URL?

    init(file: URL? = nil) { self.file = file }

    var requests: [String] { seen.withLock { $0 } }

    func decide(_ head: HTTPRequest, contentLength: Int?, origin: RequestOrigin) -> BodyDecision {
        switch head.path {
        case "/small": .read(maxBytes: 10)
        case "/rejected": .reject(Response(status: .unauthorized, body: .data(Data("no".utf8))))
        default: .read(maxBytes: .max)
        }
    }

    func handle(_ request: Request, reply: @escaping @Sendable (Response) -> Void) {
        seen.withLock { $0.append("\(request.head.method) \(request.path) \(request.body.count)") }
        let echo = Response(
            status: .ok, fields: [.contentType: request.head.headerFields[.contentType] ?? "text/plain"], body: .data(request.body))
        switch request.path {
        case "/echo", "/small": reply(echo)
        case "/later": DispatchQueue.global().async { reply(echo) }
        case "/big": reply(Response(status: .ok, body: .data(Self.big)))
        case "/made": DispatchQueue.global().async { reply(Response(status: .ok, body: .data(Self.made))) }
        case "/file": reply(Response(status: .ok, body: file.map { .file($0, offset: 3, length: 1_000_000) } ?? .empty))
        case "/short": reply(Response(status: .ok, body: file.map { .file($0, offset: 3, length: 10_000_000) } ?? .empty))
        case "/missing": reply(Response(status: .ok, body: .file(URL(fileURLWithPath: "/nonexistent/file"), offset: 0, length: 1)))
        case "/empty": reply(Response(status: .noContent))
        case "/close": reply(Response(status: .ok, fields: [.connection: "close"]))
        case "/who": reply(Response(status: .ok, body: .data(Data("\(request.remoteAddress) \(request.id)".utf8))))
        case "/twice":
            reply(echo)
            reply(Response(status: .internalServerError))
        case "/hold":
            held.withLock { $0.append { reply(echo) } }
            arrivals.signal()
        default: reply(Response(status: .notFound, body: .data(Data("\(request.path)?\(request.query)".utf8))))
        }
    }

    func refusal(_ error: ProtocolError, head: HTTPRequest?, origin: RequestOrigin) -> Response {
        let numbers = "\(error.limit.map(String.init) ?? "-") \(error.measured.map(String.init) ?? "-")"
        return Response(status: error.status, fields: [.contentType: "text/plain"], body: .data(Data("\(numbers) \(error.detail)".utf8)))
    }

    func mayUseReserve(_ head: HTTPRequest) -> Bool { head.path == "/who" }

    /// Returns when a request has arrived at `/hold`.
    func waitForHeld() { arrivals.wait() }

    func release() {
        for reply in held.withLock({ held in
            defer { held = [] }; return held
        }) { reply() }
    }
}

/// A server on a free loopback port for the length of a test.
func withServer<Result>(
    _ handler: any HTTPHandler = HTTPEchoHandler(), eventLoops: Int = 1, limits: (inout HTTPLimits) -> Void = { _ in },
    _ body: (UInt16, HTTPServer) throws -> Result
) throws -> Result {
    var chosen = HTTPLimits()
    limits(&chosen)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = HTTPServer(host: "127.0.0.1", port: 0, limits: chosen, eventLoops: eventLoops, logger: logger, handler: handler)
    let port = try server.start()
    defer { server.stop(drainSeconds: 0) }
    return try body(port, server)
}
