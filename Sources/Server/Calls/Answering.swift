import Foundation
import HTTPTypes
import Logging

/// One request until its answer is given: what is counted, logged and added to every answer.
struct Answering: Sendable {
    /// The request's own span; nil when the client sent none.
    let trace: TraceContext?
    /// Template of the route, once it is found.
    var route: String?
    var limits: [RateLimit] = []
    /// Takes the picture back that was counted for this request; nil = none was.
    var returnPicture: (@Sendable () -> Void)?

    // Not the request itself: its body would stay in memory until the answer, which may wait for a job.
    private let head: HTTPRequest
    private let path: String
    private let id: String
    private let remoteAddress: String
    private let receivedBytes: Int
    private let start = ContinuousClock.now
    private let metrics: Metrics
    private let crossOrigin: CrossOrigin
    private let logger: Logger
    private let reply: Route.Reply

    init(_ request: Request, metrics: Metrics, crossOrigin: CrossOrigin, logger: Logger, reply: @escaping Route.Reply) {
        self.init(
            request.head, path: request.path, RequestOrigin(id: request.id, remoteAddress: request.remoteAddress),
            receivedBytes: request.body.count, metrics: metrics, crossOrigin: crossOrigin, logger: logger, reply: reply)
    }

    /// Of a request that is refused before its body.
    init(
        _ head: HTTPRequest, path: String, _ origin: RequestOrigin, receivedBytes: Int = 0, metrics: Metrics, crossOrigin: CrossOrigin,
        logger: Logger, reply: @escaping Route.Reply = { _ in }
    ) {
        (self.head, self.path, self.receivedBytes) = (head, path, receivedBytes)
        (id, remoteAddress) = (origin.id, origin.remoteAddress)
        self.metrics = metrics
        self.crossOrigin = crossOrigin
        self.logger = logger
        self.reply = reply
        let fields = head.headerFields
        trace = TraceContext(traceparent: fields[.traceparent], tracestate: fields[.tracestate])?.child
    }

    var logMetadata: Logger.Metadata { trace.metadata(ofRequest: id) }

    /// Answers; to be called once. A stream is counted as answered when it begins, and its bytes as they are written.
    @Sendable func finish(_ response: Response) { reply(finished(response)) }

    /// Counted, logged, and with what every answer has in its header.
    /// - Parameter isTimed: false for one that did not wait for its request's end
    func finished(_ response: Response, isTimed: Bool = true) -> Response {
        var response = response, limits = limits
        if let returnPicture, response.usedNoPicture {
            returnPicture()
            limits = limits.map { $0.name == RateLimit.pictures ? $0.withOneMore : $0 }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1), byteCount = response.body.byteCount
        metrics.answered(
            head.method, route: route, status: response.status.code, seconds: isTimed ? seconds : nil, receivedBytes: receivedBytes,
            sentBytes: byteCount)
        logger.info(
            "\(head.method.rawValue) \(path)",
            metadata: trace.metadata(
                ofRequest: id,
                and: [
                    "status": "\(response.status.code)", "bytes_in": "\(receivedBytes)", "bytes_out": "\(byteCount)",
                    "seconds": "\(seconds)", "remote": "\(remoteAddress)",
                ]))
        if case .stream(var stream) = response.body {
            stream.onWrite = { [metrics] bytes in metrics.sent(bytes) }
            response.body = .stream(stream)
        }
        // A refusal has named the limit that it comes from.
        for field in RateLimit.fields(limits) {
            response.fields[field.name] = [field.value, response.fields[field.name]].compactMap { $0 }.joined(separator: ", ")
        }
        response.fields[.server] = Version.product
        response.fields[.fidediffRequest] = id
        response.fields[.xContentTypeOptions] = "nosniff"
        crossOrigin.decorate(&response, for: head)
        return response
    }
}

extension Response {
    /// Nothing was made of the picture: no job, no answer about it, or those of an earlier request.
    fileprivate var usedNoPicture: Bool {
        fields[.idempotentReplayed] != nil || (status.code >= 400 && fields[.fidediffJob] == nil)
    }
}

extension ResponseBody {
    /// Bytes that it holds, whether or not the method lets them be sent; none of a stream are there yet.
    var byteCount: Int {
        switch self {
        case .empty, .stream: 0
        case .data(let data): data.count
        case .file(_, _, let length): length
        }
    }
}

extension Call {
    var logMetadata: Logger.Metadata { trace.metadata(ofRequest: request.id) }
}
