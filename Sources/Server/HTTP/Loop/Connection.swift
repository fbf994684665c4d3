import CLinux
import Foundation
import HTTPTypes

/// One client: requests in, answers out, one after the other. Used only on its event loop, which is why it may be `@unchecked Sendable`; an
/// answer from another thread comes through `EventLoop.execute`. Answering is in Connection+Answering.swift, bodies of unknown length in
/// Connection+Streaming.swift, clients that leave in Connection+Presence.swift.
///
/// While it waits for a request it owns no buffer. While a request is being answered it reads nothing, so that a client that sends
/// faster than it is served is held back by TCP.
final class Connection: EventSource, @unchecked Sendable {
    enum Step { case receiving, handling, sending, streaming, lingering, closed }

    /// The request that is being read or answered.
    struct Exchange {
        var head: MessageHead?  // nil until it is whole
        var id = ""  // of the request; made when it is first needed
        var isInterim = false  // what is being sent is 100 Continue: receiving goes on after it
        var closes = false  // after the answer
        var handling: HTTPHandling?  // what `decide` left to be done with the whole request
        var client: ClientPresence?  // while the handler has the request
        var isProbed = false  // a client that has finished sending has been sent an interim answer
        var stream: BodyWriter?  // while the answer's body is being written
        var heartbeat: [UInt8]?
    }

    let descriptor: Int32
    let loop: EventLoop
    let context: ServerContext
    let remoteAddress: String
    private let addressKey: AddressCounts.Key
    private(set) var isOnReserve: Bool  // came when there was no room, and is served only what places are kept for

    var step = Step.receiving
    var deadlines: Deadlines
    var parser: MessageParser
    var exchange = Exchange()
    var serial: UInt64 = 0  // of the exchange: a second reply, or one that comes too late, carries an old one
    var body: BodyBuffer?
    var outgoing: OutgoingMessage?

    var unparsed: [UInt8] = []  // received and not consumed: the beginning of a line, or further requests
    var unparsedStart = 0
    var needsMoreBytes = true  // the parser has seen all of `unparsed`
    private var isReadable = false  // as far as known: cleared when a read comes back short, set by epoll
    var hasPeerFinished = false  // its half is closed: reads go on to the end of what it sent
    var isAdvancing = false

    private static let turnBytes = 1 << 20  // read or written before other connections get a turn
    static let answerCost = 128 << 10  // bytes charged for an answer besides its own: at most 8 a turn, however small they are
    private static let pieceCost = 1 << 10  // and for a piece of a body: a chunk of one byte takes as long as one of a thousand

    init(descriptor: Int32, client: Listener.Client, isOnReserve: Bool = false, loop: EventLoop, context: ServerContext) {
        self.descriptor = descriptor
        remoteAddress = client.address
        addressKey = client.key
        self.isOnReserve = isOnReserve
        self.loop = loop
        self.context = context
        parser = MessageParser(limits: context.limits)
        // Not the loop's time: of those that come in one turn, the first is the longest idle.
        deadlines = Deadlines(at: .now(), limits: isOnReserve ? context.reserveLimits : context.limits)
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        // A client whose machine or network has vanished says nothing: one that waits for a job would hold its place for minutes.
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
        set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 60_000)
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Of this connection: stricter for one that came when there was no room.
    var limits: HTTPLimits { isOnReserve ? context.reserveLimits : context.limits }

    var expiry: MonotonicInstant? { deadlines.expiry }

    func ready(_ events: UInt32) {
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { return close() }
        if events & EPOLLRDHUP.rawValue != 0 { hasPeerFinished = true }
        if events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { isReadable = true }
        if events & EPOLLRDHUP.rawValue != 0, step == .streaming { beat() }
        doubtClient()
        advance()
    }

    func expired() {
        switch deadlines.action(at: loop.now, limits: limits) {
        case .answer(let error):
            fail(error)
            advance()
        case .probe: probe()
        case .heartbeat: beat()
        case .close: close()
        case nil: break
        }
    }

    func drain() {
        if step == .receiving, isIdle { return close() }
        guard let stream = exchange.stream else { return }
        exchange.closes = true
        stream.finish()
    }

    func close() {
        guard step != .closed else { return }
        step = .closed
        loop.remove(self)
        _ = Glibc.close(descriptor)
        outgoing = nil
        body = nil
        unparsed = []
        let (client, stream) = (exchange.client, exchange.stream)
        exchange = Exchange()
        client?.left()
        stream?.close()
        loop.clients.subtract(1, ordering: .relaxed)
        context.closedConnection(addressKey)
    }

    var isIdle: Bool { parser.isBetweenMessages && unparsed.isEmpty }

    func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer {
            isAdvancing = false
            loop.expiryChanged(of: self)
        }
        var budget = Self.turnBytes
        var goesOn = true
        while goesOn {
            if budget <= 0 { return loop.resumeSoon(self) }
            goesOn =
                switch step {
                case .receiving: receive(&budget)
                case .sending: send(&budget)
                case .lingering: discard(&budget)
                case .handling, .streaming, .closed: false
                }
        }
    }

    // MARK: Receiving. Each step returns false when it must wait for epoll, for the handler, or for good.

    private func receive(_ budget: inout Int) -> Bool {
        if !needsMoreBytes { return parseUnparsed(&budget) }
        guard isReadable else {
            // An empty line before a request begins none.
            if isIdle, deadlines.phase == .head { deadlines.enter(.idle, at: loop.now, limits: limits) }
            return false
        }
        if unparsed.isEmpty, let remaining = parser.fixedBodyRemaining { return receiveBody(min(remaining, budget), &budget) }
        let received = recv(descriptor, loop.readBuffer.baseAddress, loop.readBuffer.count, 0)
        guard noteRead(received, wanted: loop.readBuffer.count, &budget) else { return step == .sending }
        let bytes = UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<received])
        if unparsed.isEmpty {
            let consumed = parse(bytes.withMemoryRebound(to: UInt8.self) { $0 }, &budget)
            unparsed.append(contentsOf: bytes[consumed...])
            return true
        }
        unparsed.removeFirst(unparsedStart)
        unparsedStart = 0
        unparsed.append(contentsOf: bytes)
        return parseUnparsed(&budget)
    }

    /// A body of declared length goes from the socket straight to where it stays.
    private func receiveBody(_ wanted: Int, _ budget: inout Int) -> Bool {
        if context.bodies.isExhausted(body?.place ?? .memory) {
            loop.makeRoom(.transfer ... .transfer)
            guard step == .receiving else { return false }  // this was the slowest
        }
        let received: Int, room: Int
        do throws(ProtocolError) {
            (received, room) = try body?.receive(maxBytes: wanted, scratch: loop.readBuffer) { recv(descriptor, $0, $1, 0) } ?? (0, wanted)
        } catch {
            fail(error)
            return true
        }
        guard noteRead(received, wanted: room, &budget) else { return step == .sending }
        parser.tookBody(received)
        if parser.fixedBodyRemaining == nil { _ = parse(UnsafeBufferPointer(start: nil, count: 0), &budget) }
        return true
    }

    /// Whether bytes came. If not, the connection waits, or is closed, or answers that the message is incomplete.
    private func noteRead(_ received: Int, wanted: Int, _ budget: inout Int) -> Bool {
        if received > 0 {
            budget -= received
            if received < wanted, !hasPeerFinished { isReadable = false }  // epoll(7): a short read has emptied the socket
            deadlines.progress(received, at: loop.now, limits: limits)
            return true
        }
        if received < 0 {
            switch errno {
            case EAGAIN: isReadable = false
            case EINTR: loop.resumeSoon(self)
            default: close()
            }
        } else if isIdle {
            close()
        } else {
            fail(.badRequest("The connection ended in the middle of a request."))  // RFC 9112 section 8
        }
        return false
    }

    private func parseUnparsed(_ budget: inout Int) -> Bool {
        var bytes: [UInt8] = []
        swap(&bytes, &unparsed)
        unparsedStart += bytes[unparsedStart...].withUnsafeBufferPointer { parse($0, &budget) }
        if unparsedStart == bytes.count { unparsedStart = 0 } else { swap(&bytes, &unparsed) }
        return true
    }

    /// Feeds the parser until it wants more bytes, has a request for the handler, or it is the others' turn.
    /// - Returns: how many bytes were consumed.
    private func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ budget: inout Int) -> Int {
        needsMoreBytes = true
        var position = 0
        do throws(ProtocolError) {
            while step == .receiving {
                if budget <= 0 {
                    needsMoreBytes = false
                    return position
                }
                switch try parser.next(bytes.span, at: &position) {
                case .needsBytes: return position
                case .head(let head): try begin(head, hasBodyBytes: position < bytes.count)
                case .body(let range):
                    budget -= Self.pieceCost
                    try body?.append(bytes.span.extracting(range))
                case .end: finish()
                }
            }
        } catch {
            fail(error)
        }
        return position
    }

    private func begin(_ head: MessageHead, hasBodyBytes: Bool) throws(ProtocolError) {
        exchange.head = head
        exchange.closes = head.wantsClose
        guard isAdmitted(head.request) else {
            throw ProtocolError(
                .serviceUnavailable, "There are more connections than there is room for.", limit: context.limits.maxConnections)
        }
        let length: Int?
        switch head.framing {
        case .none, .length(0): return
        case .length(let bytes): length = bytes
        case .chunked: length = nil
        }
        switch context.handler.decide(head.request, contentLength: length, origin: origin()) {
        case .reject(let response):
            exchange.closes = true
            respond(response)
        case .read(let maxBytes, let handling):
            exchange.handling = handling
            try parser.limitBody(to: maxBytes)
            body = try bodyBuffer(length ?? 0)
            deadlines.enter(.body, at: loop.now, limits: limits)
            if head.expectsContinue, !hasBodyBytes {  // RFC 9110 section 10.1.1: not needed once the body comes
                exchange.isInterim = true
                startSending(OutgoingMessage(bytes: ResponseSerializer.interimContinue))
            }
        }
    }

    private func bodyBuffer(_ expected: Int) throws(ProtocolError) -> BodyBuffer {
        let place: BodyBudget.Place = expected > context.limits.spoolAboveBytes ? .disk : .memory
        if context.bodies.isExhausted(place) { loop.makeRoom(.transfer ... .transfer) }
        return try BodyBuffer(
            expected: expected, budget: context.bodies, spoolAboveBytes: context.limits.spoolAboveBytes,
            spoolDirectory: context.limits.spoolDirectory)
    }

    /// When the places are taken but for those that are kept, only what they are kept for is served.
    private func isAdmitted(_ head: HTTPRequest) -> Bool {
        guard isOnReserve else { return true }
        // Who says nothing goes for somebody who asks.
        guard context.isFull, loop.makeRoom(.idle ... .idle) == 0 else {
            isOnReserve = false
            return true
        }
        exchange.closes = true
        return context.handler.mayUseReserve(head)
    }

    /// Of the request under way.
    func origin() -> RequestOrigin {
        if exchange.id.isEmpty { exchange.id = context.nextRequestID() }
        return RequestOrigin(id: exchange.id, remoteAddress: remoteAddress)
    }

    // MARK: Closing

    /// RFC 9112 section 9.6: closing with input unread, or with input that comes later, would reset the connection, and the client might
    /// never see the answer. What the client has announced is no help: even one that wanted to close may have sent a stray CRLF.
    func startClosing() {
        shutdown(descriptor, Int32(SHUT_WR))
        unparsed = []
        step = .lingering
        isReadable = true
        deadlines.enter(.lingering, at: loop.now, limits: limits)
    }

    private func discard(_ budget: inout Int) -> Bool {
        guard isReadable else { return false }
        let received = recv(descriptor, loop.readBuffer.baseAddress, loop.readBuffer.count, 0)
        if received < 0, errno == EAGAIN {
            isReadable = false
            return false
        }
        if received <= 0 {
            close()
            return false
        }
        budget -= received
        return true
    }
}
