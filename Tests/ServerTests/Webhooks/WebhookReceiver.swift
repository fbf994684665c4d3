import Foundation
import HTTPTypes
import Logging
import Synchronization
@testable import Server

/// A real server that keeps what is posted to it and answers as it is told.
final class WebhookReceiver: HTTPHandler {
    private struct State {
        var statuses: [Int]
        var received: [Request] = []
    }
    private let state: Mutex<State>
    private let server = Mutex<HTTPServer?>(nil)
    private let arrived = DispatchSemaphore(value: 0)

    /// - Parameter statuses: of the first answers; then 204.
    init(_ statuses: [Int] = []) {
        state = Mutex(State(statuses: statuses))
    }

    /// -> its port.
    func start() throws -> UInt16 {
        let server = HTTPServer(
            host: "127.0.0.1", port: 0, eventLoops: 1, logger: Logger(label: "receiver") { _ in SwiftLogNoOpLogHandler() }, handler: self)
        let port = try server.start()
        self.server.withLock { $0 = server }
        return port
    }

    func stop() {
        server.withLock { $0 }?.stop(drainSeconds: 0)
    }

    var received: [Request] { state.withLock { $0.received } }

    /// Returns when one more has come.
    func next() throws {
        guard arrived.wait(timeout: .now() + GatedEngine.patienceSeconds) == .success else { throw GatedEngine.TimedOut() }
    }

    func decide(_ head: HTTPRequest, contentLength: Int?, origin: RequestOrigin) -> BodyDecision { .read(maxBytes: 1 << 20) }

    func handle(_ request: Request, reply: @escaping @Sendable (Response) -> Void) {
        let status = state.withLock { state in
            state.received.append(request)
            return state.statuses.isEmpty ? 204 : state.statuses.removeFirst()
        }
        var response = Response(status: HTTPResponse.Status(code: status))
        // Whoever follows this comes back here.
        if (300..<400).contains(status) { response.fields[.location] = "/elsewhere" }
        reply(response)
        arrived.signal()
    }

    func refusal(_ error: ProtocolError, head: HTTPRequest?, origin: RequestOrigin) -> Response { Response(status: error.status) }
}
