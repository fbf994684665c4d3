import Foundation
import HTTPTypes

/// From a whole request to the last byte of its answer.
extension Connection {
    func finish() {
        guard let head = exchange.head else { return }
        var data = Data()
        do throws(ProtocolError) {
            if let body = body.take() { data = try body.data() }
        } catch {
            return fail(error)
        }
        let client = ClientPresence()
        let request = Request(
            head: head.request, path: head.target.path, query: head.target.query, body: data,
            remoteAddress: remoteAddress, id: origin().id, client: client)
        exchange.client = client
        step = .handling
        deadlines.enter(.handling, at: loop.now, limits: limits)
        let handle = exchange.handling.take() ?? context.handler.handle
        handle(request) { [self, serial] response in
            // Only inside this connection's own turn may the answer be taken at once: another's turn may be using the loop's buffer.
            if loop.isCurrent, isAdvancing { return accept(.success(response), serial) }
            let answer: Result<Response, ProtocolError> = loop.isCurrent ? .success(response) : context.spooled(response)
            loop.execute {
                self.accept(answer, serial)
                self.advance()
            }
        }
        doubtClient()
    }

    private func accept(_ answer: Result<Response, ProtocolError>, _ serial: UInt64) {
        guard step == .handling, serial == self.serial else {
            if step != .closed { context.logger.error("a request was answered twice; the second answer is dropped") }
            return
        }
        switch answer {
        case .success(let response): respond(response)
        case .failure(let error):
            loop.makeRoom(.transfer ... .transfer)  // for the next one
            fail(error)
        }
    }

    func fail(_ error: ProtocolError) {
        exchange.closes = true
        if error.status == .serviceUnavailable { _ = context.handler.turnedAway(isOnReserve ? .full : .memory) }
        respond(context.handler.refusal(error, head: exchange.head?.request, origin: origin()))
    }

    func respond(_ response: Response) {
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
        let error = ProtocolError(.internalServerError, "The answer could not be sent.")
        var problem = context.handler.refusal(error, head: exchange.head?.request, origin: origin())
        if case .file = problem.body { problem.body = .empty }  // no second try with the disk
        if let message = message(problem) { startSending(message) } else { close() }
    }

    private func message(_ response: Response) -> OutgoingMessage? {
        OutgoingMessage(
            response, isHead: isHead, isChunked: exchange.head?.version != .http10,
            closes: exchange.closes, date: loop.dateBytes(), bytes: loop.takeSpareBytes())
    }

    /// RFC 9110 section 9.3.2: no answer to HEAD has a body, one to a HEAD that could not be read to its end neither.
    private var isHead: Bool {
        if let head = exchange.head { return head.request.method == .head }
        return parser.method == .head || unparsed.dropFirst(unparsedStart).starts(with: "HEAD ".utf8)
    }

    func startSending(_ message: consuming OutgoingMessage) {
        outgoing = consume message
        step = .sending
        deadlines.enter(.writing, at: loop.now, limits: limits)
    }

    func send(_ budget: inout Int) -> Bool {
        let before = budget
        let progress = outgoing?.write(to: descriptor, budget: &budget) ?? .failed
        switch progress {
        case .done:
            if let message = outgoing.take() { loop.giveBack(message.spareBytes()) }
            budget -= Self.answerCost
            sent()
            return true
        case .blocked, .paused:
            if budget < before { deadlines.progress(before - budget, at: loop.now, limits: limits) }
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
            deadlines.enter(.body, at: loop.now, limits: limits)
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
            deadlines.enter(unparsed.isEmpty ? .idle : .head, at: loop.now, limits: limits)
        }
    }
}
