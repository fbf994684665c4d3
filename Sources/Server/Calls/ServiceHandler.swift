import Foundation
import HTTPTypes
import Logging
import Synchronization

extension DeferredEngine {
    /// - Throws: `Problem` (not_ready) when as many pictures wait for the weights as may.
    fileprivate func requirePlace() throws {
        let waiting = waitingCount
        guard waiting >= Self.maxWaiting else { return }
        throw Problem(
            .notReady, "the weights are being loaded, and \(waiting) pictures wait for them", limit: Self.maxWaiting, measured: waiting,
            retryAfterSeconds: Problem.retryAfterSeconds)
    }
}

/// Between the HTTP layer and the routes: finds the route, sends the work to the right thread, turns errors into problems, writes the
/// access log.
///
/// Called on the event loops; blocks on nothing.
final class ServiceHandler: HTTPHandler {
    /// What a request that needs no body may still send.
    private static let maxIdleBodyBytes = 4_096
    private static let probes: Set<String> = ["/healthz", "/readyz"]

    private let router: Router
    private let maxBodyBytes: Int
    private let blocking: BoundedQueue
    private let engine: DeferredEngine
    private let access: Access
    private let crossOrigin: CrossOrigin
    private let metrics: Metrics
    private let logger: Logger
    /// When it was last said that connections are turned away, and how many have been since.
    private let turnedAway = Mutex<(since: MonotonicInstant?, count: Int)>((nil, 0))
    private static let turnedAwaySeconds = 10.0

    init(
        router: Router, maxBodyBytes: Int, blocking: BoundedQueue, engine: DeferredEngine, access: Access, crossOrigin: CrossOrigin,
        metrics: Metrics, logger: Logger
    ) {
        self.router = router
        self.maxBodyBytes = maxBodyBytes
        self.blocking = blocking
        self.engine = engine
        self.access = access
        self.crossOrigin = crossOrigin
        self.metrics = metrics
        self.logger = logger
    }

    /// Refuses, before the body is read, what the head alone shows to be in vain.
    func decide(_ head: HTTPRequest, contentLength: Int?, origin: RequestOrigin) -> BodyDecision {
        let target = try? RequestTarget(head.path ?? "/")  // readable, or the request would not have come so far
        var answering = Answering(
            head, path: target?.path ?? "", origin, metrics: metrics, crossOrigin: crossOrigin, logger: logger)
        do {
            // Preflights and other questions about methods are answered when they are whole.
            if head.method == .options { return .read(maxBytes: Self.maxIdleBodyBytes) }
            let found = try router.find(head.method, target?.path ?? ""), route = found.route
            answering.route = route.template
            try router.check(target?.query ?? [], for: route)
            let caller = try access.identify(head.headerFields, head.method, needsKey: route.needsKey)
            if let requests = try access.peek(caller, at: .now()) { answering.limits.append(requests) }
            let handling: HTTPHandling = { [self] request, reply in handle(request, by: found, reply) }
            guard route.body == .picture else { return .read(maxBytes: Self.maxIdleBodyBytes, then: handling) }
            // RFC 9110 section 15.5.16: also for an unsupported Content-Encoding.
            if let coding = head.headerFields[.contentEncoding], coding.lowercased() != "identity" {
                throw Problem(.unsupportedContentCoding, "the body is encoded as \(coding.prefix(40))")
            }
            if let pictures = try access.peekPicture(caller, now: Date()) { answering.limits.append(pictures) }
            try engine.requirePlace()
            try route.foresee(head)
            return .read(maxBytes: maxBodyBytes, then: handling)
        } catch {
            return .reject(answering.finished(response(for: error, answering), isTimed: false))
        }
    }

    func handle(_ request: Request, reply: @escaping @Sendable (Response) -> Void) {
        handle(request, by: nil, reply)
    }

    /// - Parameter known: the route with its parameters checked, where `decide` has found it
    private func handle(_ request: Request, by known: Router.Found?, _ reply: @escaping Route.Reply) {
        var answering = Answering(request, metrics: metrics, crossOrigin: crossOrigin, logger: logger, reply: reply)
        if let response = crossOrigin.preflight(request.head) ?? router.options(request.head.method, request.path) {
            return answering.finish(response)
        }
        do {
            let (route, values) = try known ?? router.find(request.head.method, request.path)
            answering.route = route.template
            if known == nil { try router.check(request.query, for: route) }
            let caller = try access.identify(request.head.headerFields, request.head.method, needsKey: route.needsKey)
            answering.limits = try access.take(caller, at: .now())
            let call = Call(request: request, path: values, caller: caller, trace: answering.trace)
            switch route.answer {
            case .immediate(let answer):
                answering.finish(try answer(call))
            case .blocking(let answer):
                try submit(route, call, answering) { $0.finish(try answer(call)) }
            case .deferred(let answer):
                try submit(route, call, answering) { try answer(call, $0.finish) }
            }
        } catch {
            answering.finish(response(for: error, answering))
        }
    }

    func refusal(_ error: ProtocolError, head: HTTPRequest?, origin: RequestOrigin) -> Response {
        let problem = Problem(protocolStatus: error.status, detail: error.detail, limit: error.limit, measured: error.measured)
        if let head {
            let path = (try? RequestTarget(head.path ?? "/"))?.path ?? ""
            return Answering(head, path: path, origin, metrics: metrics, crossOrigin: crossOrigin, logger: logger)
                .finished(problem.response, isTimed: false)
        }
        var response = problem.response
        metrics.answered(nil, route: nil, status: error.status.code, seconds: nil, receivedBytes: 0, sentBytes: response.body.byteCount)
        logger.info(
            "unreadable request",
            metadata: [
                "request": "\(origin.id)", "remote": "\(origin.remoteAddress)", "status": "\(error.status.code)",
                "detail": "\(error.detail)",
            ])
        response.fields[.server] = Version.product
        response.fields[.fidediffRequest] = origin.id
        response.fields[.xContentTypeOptions] = "nosniff"
        return response
    }

    /// What tells whether the service lives, and callers who have shown who they are.
    func mayUseReserve(_ head: HTTPRequest) -> Bool {
        if let target = try? RequestTarget(head.path ?? "/"), Self.probes.contains(target.path) { return true }
        guard access.isRequired, head.headerFields[.authorization] != nil else { return false }
        return (try? access.identify(head.headerFields, head.method, needsKey: true)) != nil
    }

    func turnedAway(_ reason: TurnedAway) -> Response {
        metrics.turnedAway(reason)
        let count = turnedAway.withLock { state -> Int? in
            state.count += 1
            let now = MonotonicInstant.now()
            if let since = state.since, now < since.advanced(bySeconds: Self.turnedAwaySeconds) { return nil }
            defer { state = (now, 0) }
            return state.count
        }
        // Once in a while, not once for each: who floods the service must not flood its log.
        if let count {
            logger.warning("connections are turned away", metadata: ["count": "\(count)", "reason": "\(reason.rawValue)"])
        }
        var response = Problem.busy("there are more connections than there is room for").response
        response.fields[.server] = Version.product
        return response
    }

    /// On the queue for blocking work; a picture first waits for the weights, on no thread.
    private func submit(
        _ route: Route, _ call: Call, _ answering: Answering, _ work: @escaping @Sendable (Answering) throws -> Void
    ) throws {
        let run: @Sendable () -> Void = { [self] in
            var answering = answering
            do {
                let now = Date()
                if route.body == .picture, let spent = try access.spendPicture(call.caller, now: now) {
                    answering.limits.append(spent)
                    answering.returnPicture = { [access] in access.returnPicture(call.caller, day: now) }
                }
                try work(answering)
            } catch {
                answering.finish(response(for: error, answering))
            }
        }
        guard route.body == .picture else { return try blocking.submit(run) }
        try engine.whenLoaded { [self] problem in
            do {
                if let problem { throw problem }
                try blocking.submit(run)
            } catch {
                answering.finish(response(for: error, answering))
            }
        }
    }

    /// The error itself is logged where the client is not told of it.
    private func response(for error: any Error, _ answering: Answering) -> Response {
        let problem = Problem(error)
        if problem.type == .internalError || problem.type == .storeUnavailable {
            logger.error("request failed", metadata: answering.logMetadata.merging(["error": "\(error)"]) { $1 })
        }
        return problem.response
    }
}
