import CLinux
import Foundation
import Logging

/// The listening socket. Used only on its event loop after `init`, which is why it may be `@unchecked Sendable`. Nothing that accept says
/// ends the server: without descriptors or memory it waits and tries again. Below the connection limit everybody is let in; whoever takes
/// one of the last places has others closed for it. With all places taken clients stay in the listen queue for the moment that this takes.
final class Listener: EventSource, @unchecked Sendable {
    let descriptor: Int32
    let port: UInt16
    private(set) var expiry: MonotonicInstant?  // when to try again after a failure
    private let loop: EventLoop
    private let context: ServerContext
    private let adopt: (_ socket: Int32, _ client: Client) -> Void
    private var hasReportedFailure = false  // since the last client that was accepted
    private static let retrySeconds = 0.25

    /// Who has connected.
    struct Client: Sendable {
        let address: String  // numeric, without port
        let key: AddressCounts.Key
    }

    init(host: String, port: UInt16, loop: EventLoop, context: ServerContext, adopt: @escaping (Int32, Client) -> Void) throws(ListenError)
    {
        (descriptor, self.port) = try Self.listen(host: host, port: port)
        self.loop = loop
        self.context = context
        self.adopt = adopt
    }

    func ready(_ events: UInt32) {
        for _ in 0..<64 {  // then the others' turn; epoll tells again
            guard context.tryOpenConnection() else {
                guard isAwaited else { return }  // the places are taken, and nobody wants one
                pause()  // before others close: their places are to be heard of
                return context.makeRoom()
            }
            var address = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let socket = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    accept4(descriptor, $0, &length, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
                }
            }
            guard socket < 0 else {
                hasReportedFailure = false
                let host = Self.numericHost(&address, length)
                if let key = context.addresses.open(host) {
                    adopt(socket, Client(address: host, key: key))
                } else {
                    Connection.tell(context.handler.turnedAway(.address), on: socket, date: loop.dateBytes())
                    _ = Glibc.close(socket)
                    context.closedConnection(nil, resumeListening: false)
                }
                continue
            }
            let reason = errno
            context.closedConnection(nil, resumeListening: false)
            switch reason {
            case EAGAIN: return
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, EHOSTUNREACH, ENETUNREACH, ENOPROTOOPT, EHOSTDOWN, ENONET, EOPNOTSUPP, EPERM,
                ETIMEDOUT:
                continue  // accept(2): the new connection's own trouble
            default:
                if !hasReportedFailure {
                    context.logger.error("cannot accept connections now", metadata: ["reason": "\(String(cString: strerror(reason)))"])
                }
                hasReportedFailure = true
                return pause()
            }
        }
    }

    /// Whether a client is in the listen queue.
    private var isAwaited: Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&wanted, 1, 0) > 0
    }

    func expired() { resume() }

    func resume() {
        guard expiry != nil || context.isListeningPaused else { return }
        expiry = nil
        context.isListeningPaused = false
        loop.setListening(true, for: self)
    }

    func drain() { close() }

    func close() {
        loop.remove(self)
        _ = Glibc.close(descriptor)
    }

    private func pause() {
        loop.setListening(false, for: self)
        context.isListeningPaused = true
        // A closing connection resumes this at once; the retry covers one that closed a moment ago, and what others give back.
        expiry = loop.now.advanced(bySeconds: Self.retrySeconds)
        loop.expiryChanged(of: self)
    }

    private static func listen(host: String, port: UInt16) throws(ListenError) -> (Int32, UInt16) {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let lookup = getaddrinfo(host, String(port), &hints, &found)
        guard lookup == 0 else {
            throw ListenError(reason: "cannot listen on \(host): \(String(cString: gai_strerror(lookup)))")
        }
        defer { freeaddrinfo(found) }
        var reason = ENOENT
        var next = found
        while let address = next?.pointee {
            if let listening = bind(to: address) { return listening }
            reason = errno
            next = address.ai_next
        }
        throw ListenError(reason: "cannot listen on \(host) port \(port): \(String(cString: strerror(reason)))")
    }

    /// A listening socket and its port; nil with errno when the system refuses.
    private static func bind(to address: addrinfo) -> (Int32, UInt16)? {
        let listening = socket(address.ai_family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listening >= 0 else { return nil }
        var on: Int32 = 1
        setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var bound = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isBound =
            Glibc.bind(listening, address.ai_addr, address.ai_addrlen) == 0 && Glibc.listen(listening, 1_024) == 0
            && withUnsafeMutablePointer(to: &bound) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listening, $0, &length) == 0 }
            }
        guard isBound else {
            let reason = errno
            _ = Glibc.close(listening)
            errno = reason
            return nil
        }
        let port =
            bound.ss_family == sa_family_t(AF_INET6)
            ? withUnsafeBytes(of: bound) { $0.loadUnaligned(as: sockaddr_in6.self).sin6_port }
            : withUnsafeBytes(of: bound) { $0.loadUnaligned(as: sockaddr_in.self).sin_port }
        return (listening, UInt16(bigEndian: port))
    }

    private static func numericHost(_ address: inout sockaddr_storage, _ length: socklen_t) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { text in
            let failed = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getnameinfo($0, length, text.baseAddress, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
                }
            }
            guard failed == 0, let start = text.baseAddress else { return "" }
            return String(cString: start)
        }
    }
}
