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
    private let logger: Logger

    init(router: Router, maxBodyBytes: Int, blocking: BoundedQueue, logger: Logger) {
        self.router = router
        self.maxBodyBytes = maxBodyBytes
        self.blocking = blocking
        self.logger = logger
    }

    /// Refuses, before the body is read, what the head alone shows to be in vain.
    func decide(_ head: HTTPRequest, contentLength: Int?) -> BodyDecision {
        do {
            let target = try RequestTarget(head.path ?? "/")
            let (route, _) = try router.find(head.method, target.path)
            try router.check(target.query, for: route)
            guard route.body == .picture else { return .read(maxBytes: Self.maxIdleBodyBytes) }
            // RFC 9110 section 15.5.16: also for an unsupported Content-Encoding.
            if let coding = head.headerFields[.contentEncoding], coding.lowercased() != "identity" {
                throw Problem(.unsupportedContentCoding, "the body is encoded as \(coding.prefix(40))")
            }
            return .read(maxBytes: maxBodyBytes)
        } catch {
            return .reject(Problem(error).response)
        }
    }

    func handle(_ request: Request, reply: @escaping @Sendable (Response) -> Void) {
        let start = ContinuousClock.now
        // Not the request itself: its body would stay in memory until the answer, which may wait for a job.
        let finish: Route.Reply = { [
            logger, method = request.head.method.rawValue, path = request.path, id = request.id, bytesIn = request.body.count,
            remote = request.remoteAddress
        ] response in
            logger.info("\(method) \(path)", metadata: [
                "request": "\(id)", "status": "\(response.status.code)", "bytes_in": "\(bytesIn)",
                "seconds": "\((ContinuousClock.now - start) / .seconds(1))", "remote": "\(remote)",
            ])
            var response = response
            response.fields[.fidediffRequest] = id
            response.fields[.xContentTypeOptions] = "nosniff"
            reply(response)
        }
        do {
            let (route, values) = try router.find(request.head.method, request.path)
            try router.check(request.query, for: route)
            let call = Call(request: request, path: values)
            switch route.answer {
            case .immediate(let answer):
                finish(try answer(call))
            case .blocking(let answer):
                try submit(request, finish) { finish(try answer(call)) }
            case .deferred(let answer):
                try submit(request, finish) { try answer(call, finish) }
            }
        } catch {
            finish(response(for: error, to: request))
        }
    }

    func problem(_ status: HTTPResponse.Status, detail: String, limit: Int?, measured: Int?) -> Response {
        Problem(protocolStatus: status, detail: detail, limit: limit, measured: measured).response
    }

    private func submit(
        _ request: Request, _ finish: @escaping Route.Reply, _ work: @escaping @Sendable () throws -> Void
    ) throws {
        try blocking.submit { [self] in
            do {
                try work()
            } catch {
                finish(response(for: error, to: request))
            }
        }
    }

    /// The error itself is logged where the client is not told of it.
    private func response(for error: any Error, to request: Request) -> Response {
        let problem = Problem(error)
        if problem.type == .internalError {
            logger.error("request failed", metadata: ["request": "\(request.id)", "error": "\(error)"])
        }
        return problem.response
    }
}
