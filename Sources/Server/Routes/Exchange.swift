// Exchange.swift: one request until its answer is given: what is counted, logged and added to every answer.

import Foundation
import HTTPTypes
import Logging

struct Exchange: Sendable {
    let request: Request
    /// The request's own span; nil when the client sent none.
    let trace: TraceContext?
    /// Template of the route, once it is found.
    var route: String?
    var limits: [RateLimit] = []

    private let start = ContinuousClock.now
    private let metrics: Metrics
    private let crossOrigin: CrossOrigin
    private let logger: Logger
    private let reply: Route.Reply

    init(_ request: Request, metrics: Metrics, crossOrigin: CrossOrigin, logger: Logger, reply: @escaping Route.Reply) {
        self.request = request
        self.metrics = metrics
        self.crossOrigin = crossOrigin
        self.logger = logger
        self.reply = reply
        let fields = request.head.headerFields
        trace = TraceContext(traceparent: fields[.traceparent], tracestate: fields[.tracestate])?.child
    }

    var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["request": "\(request.id)"]
        if let trace { metadata.merge(trace.logMetadata) { $1 } }
        return metadata
    }

    /// Answers; to be called once.
    @Sendable func finish(_ response: Response) {
        var response = response
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        metrics.answered(
            request.head.method, route: route, status: response.status.code, seconds: seconds, receivedBytes: request.body.count,
            sentBytes: response.body.byteCount)
        logger.info("\(request.head.method.rawValue) \(request.path)", metadata: logMetadata.merging([
            "status": "\(response.status.code)", "bytes_in": "\(request.body.count)", "bytes_out": "\(response.body.byteCount)",
            "seconds": "\(seconds)", "remote": "\(request.remoteAddress)",
        ]) { $1 })
        for field in RateLimit.fields(limits) { response.fields[field.name] = field.value }
        response.fields[.fidediffRequest] = request.id
        response.fields[.xContentTypeOptions] = "nosniff"
        crossOrigin.decorate(&response, for: request.head)
        reply(response)
    }
}

extension ResponseBody {
    /// Bytes that it holds, whether or not the method lets them be sent.
    var byteCount: Int {
        switch self {
        case .empty: 0
        case .data(let data): data.count
        case .file(_, _, let length): length
        }
    }
}
