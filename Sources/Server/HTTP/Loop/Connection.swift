import CLinux
import Foundation
import HTTPTypes

/// One client: requests in, answers out, one after the other. Used only on its event loop, which is why it may be `@unchecked Sendable`; an
/// answer from another thread comes through `EventLoop.execute`. Bodies of unknown length are in Connection+Streaming.swift, clients that
/// leave in Connection+Presence.swift.
///
/// While it waits for a request it owns no buffer. While a request is being answered it reads nothing, so that a client that sends
/// faster than it is served is held back by TCP.
final class Connection: EventSource, @unchecked Sendable {
    enum Step { case receiving, handling, sending, streaming, lingering, closed }

    /// The request that is being read or answered.
    struct Exchange {
        var head: MessageHead?  // nil until it is whole
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
    private let remoteAddress: String

    var step = Step.receiving
    var deadlines: Deadlines
    private var parser: MessageParser
    var exchange = Exchange()
    var serial: UInt64 = 0  // of the exchange: a second reply, or one that comes too late, carries an old one
    private var body: BodyBuffer?
    private var outgoing: OutgoingMessage?

    private var unparsed: [UInt8] = []  // received and not consumed: the beginning of a line, or further requests
    private var unparsedStart = 0
    private var needsMoreBytes = true  // the parser has seen all of `unparsed`
    private var isReadable = false  // as far as known: cleared when a read comes back short, set by epoll
    var hasPeerFinished = false  // its half is closed: reads go on to the end of what it sent
    private var isAdvancing = false

    private static let turnBytes = 1 << 20  // read or written before other connections get a turn

    init(descriptor: Int32, remoteAddress: String, loop: EventLoop, context: ServerContext) {
        self.descriptor = descriptor
        self.remoteAddress = remoteAddress
        self.loop = loop
        self.context = context
        parser = MessageParser(limits: context.limits)
        deadlines = Deadlines(at: loop.now, limits: context.limits)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

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
        switch deadlines.action(at: loop.now, limits: context.limits) {
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
        context.closedConnection()
    }

    private var isIdle: Bool { parser.isBetweenMessages && unparsed.isEmpty }

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
        if !needsMoreBytes { return parseUnparsed() }
        guard isReadable else {
            // An empty line before a request begins none.
            if isIdle, deadlines.phase == .head { deadlines.enter(.idle, at: loop.now, limits: context.limits) }
            return false
        }
        if unparsed.isEmpty, let remaining = parser.fixedBodyRemaining { return receiveBody(min(remaining, budget), &budget) }
        let received = recv(descriptor, loop.readBuffer.baseAddress, loop.readBuffer.count, 0)
        guard noteRead(received, wanted: loop.readBuffer.count, &budget) else { return step == .sending }
        let bytes = UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<received])
        if unparsed.isEmpty {
            let consumed = parse(bytes.withMemoryRebound(to: UInt8.self) { $0 })
            unparsed.append(contentsOf: bytes[consumed...])
            return true
        }
        unparsed.removeFirst(unparsedStart)
        unparsedStart = 0
        unparsed.append(contentsOf: bytes)
        return parseUnparsed()
    }

    /// A body of declared length goes from the socket straight to where it stays.
    private func receiveBody(_ wanted: Int, _ budget: inout Int) -> Bool {
        let received = body?.receive(maxBytes: wanted) { recv(descriptor, $0, $1, 0) } ?? 0
        guard noteRead(received, wanted: wanted, &budget) else { return step == .sending }
        parser.tookBody(received)
        if parser.fixedBodyRemaining == nil { _ = parse(UnsafeBufferPointer(start: nil, count: 0)) }
        return true
    }

    /// Whether bytes came. If not, the connection waits, or is closed, or answers that the message is incomplete.
    private func noteRead(_ received: Int, wanted: Int, _ budget: inout Int) -> Bool {
        if received > 0 {
            budget -= received
            if received < wanted, !hasPeerFinished { isReadable = false }  // epoll(7): a short read has emptied the socket
            deadlines.progress(at: loop.now, limits: context.limits)
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

    private func parseUnparsed() -> Bool {
        var bytes: [UInt8] = []
        swap(&bytes, &unparsed)
        unparsedStart += bytes[unparsedStart...].withUnsafeBufferPointer { parse($0) }
        if unparsedStart == bytes.count { unparsedStart = 0 } else { swap(&bytes, &unparsed) }
        return true
    }

    /// Feeds the parser until it wants more bytes or has a request for the handler.
    /// - Returns: how many bytes were consumed.
    private func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        needsMoreBytes = true
        var position = 0
        do throws(ProtocolError) {
            while step == .receiving {
                switch try parser.next(bytes.span, at: &position) {
                case .needsBytes: return position
                case .head(let head): try begin(head, hasBodyBytes: position < bytes.count)
                case .body(let range): try body?.append(bytes.span.extracting(range))
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
        let length: Int?
        switch head.framing {
        case .none, .length(0): return
        case .length(let bytes): length = bytes
        case .chunked: length = nil
        }
        switch context.handler.decide(head.request, contentLength: length) {
        case .reject(let response):
            exchange.closes = true
            respond(response)
        case .read(let maxBytes, let handling):
            exchange.handling = handling
            try parser.limitBody(to: maxBytes)
            body = try BodyBuffer(capacity: length ?? 0)
            deadlines.enter(.body, at: loop.now, limits: context.limits)
            if head.expectsContinue, !hasBodyBytes {  // RFC 9110 section 10.1.1: not needed once the body comes
                exchange.isInterim = true
                startSending(OutgoingMessage(bytes: ResponseSerializer.interimContinue))
            }
        }
    }

    // MARK: Answering

    private func finish() {
        guard let head = exchange.head else { return }
        var data = Data()
        if let body = body.take() { data = body.data() }
        let client = ClientPresence()
        let request = Request(
            head: head.request, path: head.target.path, query: head.target.query, body: data,
            remoteAddress: remoteAddress, id: context.nextRequestID(), client: client)
        exchange.client = client
        step = .handling
        deadlines.enter(.handling, at: loop.now, limits: context.limits)
        let handle = exchange.handling.take() ?? context.handler.handle
        handle(request) { [self, serial] response in
            // Only inside this connection's own turn may the answer be taken at once: another's turn may be using the loop's buffer.
            if loop.isCurrent, isAdvancing { return accept(response, serial) }
            loop.execute {
                self.accept(response, serial)
                self.advance()
            }
        }
        doubtClient()
    }

    private func accept(_ response: Response, _ serial: UInt64) {
        guard step == .handling, serial == self.serial else {
            if step != .closed { context.logger.error("a request was answered twice; the second answer is dropped") }
            return
        }
        respond(response)
    }

    private func fail(_ error: ProtocolError) {
        context.logger.debug(
            "refused a request",
            metadata: [
                "status": "\(error.status.code)", "detail": "\(error.detail)", "client": "\(remoteAddress)",
            ])
        exchange.closes = true
        respond(context.handler.problem(error.status, detail: error.detail, limit: error.limit, measured: error.measured))
    }

    private func respond(_ response: Response) {
        if loop.isDraining || response.fields.hasToken("close", in: .connection) { exchange.closes = true }
        exchange.isInterim = false
        exchange.client?.answered()
        exchange.client = nil
        body = nil
        if let message = message(response) {
            startSending(message)
            if case .stream(let stream) = response.body, exchange.head?.request.method != .head { start(stream) }
            return
        }

        context.logger.error("an answer cannot be sent", metadata: ["status": "\(response.status.code)", "body": "\(response.body)"])
        var problem = context.handler.problem(.internalServerError, detail: "The answer could not be sent.", limit: nil, measured: nil)
        if case .file = problem.body { problem.body = .empty }  // no second try with the disk
        if let message = message(problem) { startSending(message) } else { close() }
    }

    private func message(_ response: Response) -> OutgoingMessage? {
        OutgoingMessage(
            response, isHead: exchange.head?.request.method == .head, isChunked: exchange.head?.version != .http10,
            closes: exchange.closes, date: loop.dateBytes(), bytes: loop.takeSpareBytes())
    }

    func startSending(_ message: consuming OutgoingMessage) {
        outgoing = consume message
        step = .sending
        deadlines.enter(.writing, at: loop.now, limits: context.limits)
    }

    private func send(_ budget: inout Int) -> Bool {
        let before = budget
        let progress = outgoing?.write(to: descriptor, budget: &budget) ?? .failed
        switch progress {
        case .done:
            if let message = outgoing.take() { loop.giveBack(message.spareBytes()) }
            sent()
            return true
        case .blocked, .paused:
            if budget < before { deadlines.progress(at: loop.now, limits: context.limits) }
            return progress == .paused
        case .failed:
            close()
            return false
        }
    }

    private func sent() {
        if exchange.isInterim {
            exchange.isInterim = false
            step = .receiving
            deadlines.enter(.body, at: loop.now, limits: context.limits)
        } else if let stream = exchange.stream {
            go(on: stream)
        } else {
            answered()
        }
    }

    func answered() {
        if exchange.closes || (loop.isDraining && isIdle) {
            startClosing()
        } else {
            exchange = Exchange()
            serial += 1
            step = .receiving
            needsMoreBytes = unparsed.isEmpty
            deadlines.enter(unparsed.isEmpty ? .idle : .head, at: loop.now, limits: context.limits)
        }
    }

    // MARK: Closing

    /// RFC 9112 section 9.6: closing with input unread would reset the connection, and the client might never see the answer.
    private func startClosing() {
        if exchange.head?.wantsClose == true, isIdle { return close() }  // it has said that nothing more comes
        shutdown(descriptor, Int32(SHUT_WR))
        unparsed = []
        step = .lingering
        isReadable = true
        deadlines.enter(.lingering, at: loop.now, limits: context.limits)
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
