import Foundation
import HTTPTypes
import Logging

/// Between the HTTP layer and the routes: finds the route, sends the work to the right thread, turns errors into problems, writes the
/// access log.
///
/// Called on the event loops; blocks on nothing.
final class ServiceHandler: HTTPHandler {
    /// What a request that needs no body may still send.
    private static let maxIdleBodyBytes = 4_096

    private let router: Router
    private let maxBodyBytes: Int
    private let blocking: BoundedQueue
    private let engine: DeferredEngine
    private let access: Access
    private let crossOrigin: CrossOrigin
    private let metrics: Metrics
    private let logger: Logger

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
    func decide(_ head: HTTPRequest, contentLength: Int?) -> BodyDecision {
        var template: String?
        do {
            let target = try RequestTarget(head.path ?? "/")
            let found = try router.find(head.method, target.path), route = found.route
            template = route.template
            try router.check(target.query, for: route)
            try access.peek(access.identify(head.headerFields, head.method, needsKey: route.needsKey), at: .now())
            let handling: HTTPHandling = { [self] request, reply in handle(request, by: found, reply) }
            guard route.body == .picture else { return .read(maxBytes: Self.maxIdleBodyBytes, then: handling) }
            // RFC 9110 section 15.5.16: also for an unsupported Content-Encoding.
            if let coding = head.headerFields[.contentEncoding], coding.lowercased() != "identity" {
                throw Problem(.unsupportedContentCoding, "the body is encoded as \(coding.prefix(40))")
            }
            return .read(maxBytes: maxBodyBytes, then: handling)
        } catch {
            var response = Problem(error).response
            response.fields[.server] = Version.product
            crossOrigin.decorate(&response, for: head)
            metrics.answered(
                head.method, route: template, status: response.status.code, seconds: nil, receivedBytes: 0,
                sentBytes: response.body.byteCount)
            return .reject(response)
        }
    }

    func handle(_ request: Request, reply: @escaping @Sendable (Response) -> Void) {
        handle(request, by: nil, reply)
    }

    /// - Parameter known: the route with its parameters checked, where `decide` has found it
    private func handle(_ request: Request, by known: Router.Found?, _ reply: @escaping Route.Reply) {
        var answering = Answering(request, metrics: metrics, crossOrigin: crossOrigin, logger: logger, reply: reply)
        if let response = crossOrigin.preflight(request.head) { return answering.finish(response) }
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

    func problem(_ status: HTTPResponse.Status, detail: String, limit: Int?, measured: Int?) -> Response {
        var response = Problem(protocolStatus: status, detail: detail, limit: limit, measured: measured).response
        response.fields[.server] = Version.product
        metrics.answered(nil, route: nil, status: status.code, seconds: nil, receivedBytes: 0, sentBytes: response.body.byteCount)
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
