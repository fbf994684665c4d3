// ServiceHandler.swift: between the HTTP layer and the routes: finds the route, sends the work to the right thread, turns
// errors into problems, writes the access log.

import Foundation
import HTTPTypes
import Logging

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
            let (route, _) = try router.find(head.method, target.path)
            template = route.template
            try router.check(target.query, for: route)
            try access.peek(access.identify(head.headerFields, head.method, for: route), at: .now())
            guard route.body == .picture else { return .read(maxBytes: Self.maxIdleBodyBytes) }
            // RFC 9110 section 15.5.16: also for an unsupported Content-Encoding.
            if let coding = head.headerFields[.contentEncoding], coding.lowercased() != "identity" {
                throw Problem(.unsupportedContentCoding, "the body is encoded as \(coding.prefix(40))")
            }
            return .read(maxBytes: maxBodyBytes)
        } catch {
            var response = Problem(error).response
            response.fields[.server] = Version.product
            crossOrigin.decorate(&response, for: head)
            metrics.answered(
                head.method, route: template, status: response.status.code, seconds: nil, receivedBytes: 0, sentBytes: response.body.byteCount)
            return .reject(response)
        }
    }

    func handle(_ request: Request, reply: @escaping @Sendable (Response) -> Void) {
        var exchange = Exchange(request, metrics: metrics, crossOrigin: crossOrigin, logger: logger, reply: reply)
        if let response = crossOrigin.preflight(request.head) { return exchange.finish(response) }
        do {
            let (route, values) = try router.find(request.head.method, request.path)
            exchange.route = route.template
            try router.check(request.query, for: route)
            let caller = try access.identify(request.head.headerFields, request.head.method, for: route)
            exchange.limits = try access.take(caller, at: .now())
            let call = Call(request: request, path: values, caller: caller, trace: exchange.trace)
            switch route.answer {
            case .immediate(let answer):
                exchange.finish(try answer(call))
            case .blocking(let answer):
                try submit(route, call, exchange) { $0.finish(try answer(call)) }
            case .deferred(let answer):
                try submit(route, call, exchange) { try answer(call, $0.finish) }
            }
        } catch {
            exchange.finish(response(for: error, exchange))
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
        _ route: Route, _ call: Call, _ exchange: Exchange, _ work: @escaping @Sendable (Exchange) throws -> Void
    ) throws {
        let run: @Sendable () -> Void = { [self] in
            var exchange = exchange
            do {
                if route.body == .picture, let spent = try access.spendPicture(call.caller, now: Date()) { exchange.limits.append(spent) }
                try work(exchange)
            } catch {
                exchange.finish(response(for: error, exchange))
            }
        }
        guard route.body == .picture else { return try blocking.submit(run) }
        try engine.whenLoaded { [self] problem in
            do {
                if let problem { throw problem }
                try blocking.submit(run)
            } catch {
                exchange.finish(response(for: error, exchange))
            }
        }
    }

    /// The error itself is logged where the client is not told of it.
    private func response(for error: any Error, _ exchange: Exchange) -> Response {
        let problem = Problem(error)
        if problem.type == .internalError {
            logger.error("request failed", metadata: exchange.logMetadata.merging(["error": "\(error)"]) { $1 })
        }
        return problem.response
    }
}
