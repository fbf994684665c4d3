import Foundation
import Logging
import Synchronization

/// An HTTP/1.1 server (RFC 9112) on a few event loops. One of them also accepts clients and deals them out, to the one that has fewest; a client
/// stays on its loop, where its requests are parsed, handed to the handler, and answered. There are no locks on that way.
public final class HTTPServer: Sendable {
    private struct Running: Sendable {
        let loops: [EventLoop]
        let ended: DispatchGroup
    }

    private let host: String
    private let port: UInt16
    private let loopCount: Int
    private let context: ServerContext
    private let running = Mutex<Running?>(nil)

    /// - Parameters:
    ///   - host: name or numeric address to listen on; `::` takes IPv4 clients too.
    ///   - port: 0 takes a free one.
    ///   - eventLoops: threads; one serves tens of thousands of small requests a second, as long as it gets a core when it wants one.
    public init(
        host: String, port: UInt16, limits: HTTPLimits = HTTPLimits(),
        eventLoops: Int = max(1, min(4, ProcessInfo.processInfo.activeProcessorCount)),
        logger: Logger, handler: any HTTPHandler
    ) {
        self.host = host
        self.port = port
        loopCount = max(1, eventLoops)
        context = ServerContext(limits: limits, logger: logger, handler: handler)
    }

    /// Starts listening; clients are served until `stop`.
    /// - Returns: the port it listens on.
    /// - Throws: `ListenError`.
    public func start() throws -> UInt16 {
        try running.withLock { running in
            guard running == nil else { throw ListenError(reason: "the server has been started before") }
            let context = context
            let loops = try (0..<loopCount).map { _ in try EventLoop() }
            let first = loops[0]
            let listener = try Listener(host: host, port: port, loop: first, context: context) { socket, client in
                // Who makes room has it: each loop keeps as many to choose from as the others.
                let loop = loops.min { $0.clients.load(ordering: .relaxed) < $1.clients.load(ordering: .relaxed) } ?? first
                loop.clients.add(1, ordering: .relaxed)
                Self.hand(socket, from: client, to: loop, context: context)
            }
            guard first.add(listener, edgeTriggered: false) else {
                listener.close()
                throw ListenError(reason: "the event loop refuses the listening socket")
            }

            context.onResumeListening { first.execute { listener.resume() } }
            context.onMakeRoom(
                loops.map { loop in
                    { @Sendable in
                        // Unless somebody has left meanwhile.
                        loop.execute { if context.wantsRoom { loop.makeRoom() } }
                    }
                })

            let ended = DispatchGroup()
            for (index, loop) in loops.enumerated() {
                ended.enter()
                let thread = Thread {
                    loop.run()
                    ended.leave()
                }
                thread.name = "http-\(index)"
                thread.start()
            }
            running = Running(loops: loops, ended: ended)
            return listener.port
        }
    }

    /// Stops accepting, closes idle connections, lets requests under way be answered, and returns when all is closed.
    /// - Parameter drainSeconds: after this, what is left is closed unanswered.
    /// Must not be called from the handler's functions: it waits for their loop.
    public func stop(drainSeconds: Double) {
        guard let running = running.withLock({ $0 }) else { return }
        precondition(!running.loops.contains { $0.isCurrent }, "stop would wait for the event loop that called it")
        for loop in running.loops {
            loop.execute { loop.drain(until: MonotonicInstant.now().advanced(bySeconds: drainSeconds)) }
        }
        running.ended.wait()
        context.onResumeListening(nil)
        context.onMakeRoom([])
    }

    private static func hand(_ socket: Int32, from client: Listener.Client, to loop: EventLoop, context: ServerContext) {
        let begin: EventLoop.Work = {
            if context.isFull { loop.makePlace() }
            let connection = Connection(descriptor: socket, client: client, isOnReserve: context.isFull, loop: loop, context: context)
            if loop.isDraining || !loop.add(connection) { connection.close() }
        }
        if loop.isCurrent { return begin() }
        if !loop.execute(begin) {
            _ = Glibc.close(socket)
            loop.clients.subtract(1, ordering: .relaxed)
            context.closedConnection(client.key)
        }
    }
}
