import Foundation
import HTTPTypes

/// What a client is told when something went wrong: application/problem+json (RFC 9457).
///
/// Members: type, title, status, detail as the RFC has them; limit and measured, the number that was exceeded or missed and
/// the one that was found; what_to_do; job, the path of the job that it is about.
struct Problem: Error, Sendable, Equatable {
    var type: ProblemType
    /// This occurrence, in words (RFC 9457 section 3.1.4).
    var detail: String
    var limit: Int?
    var measured: Int?
    var whatToDo: String
    /// Id of the job that the problem is about.
    var job: String?
    /// Seconds for the header Retry-After.
    var retryAfterSeconds: Int?
    /// The methods for the header Allow (RFC 9110 section 10.2.1).
    var allow: [HTTPRequest.Method] = []
    /// Header fields besides those of every problem.
    var fields: HTTPFields = [:]

    init(
        _ type: ProblemType, _ detail: String, limit: Int? = nil, measured: Int? = nil, whatToDo: String? = nil,
        job: String? = nil, retryAfterSeconds: Int? = nil, fields: HTTPFields = [:]
    ) {
        self.type = type
        self.detail = detail
        self.limit = limit
        self.measured = measured
        self.whatToDo = whatToDo ?? type.whatToDo
        self.job = job
        self.retryAfterSeconds = retryAfterSeconds
        self.fields = fields
    }

    /// The problem of a query parameter, in the words "PARAMETER IS WRONG; what to do".
    static func parameter(
        _ name: String, _ isWrong: String, _ whatToDo: String, limit: Int? = nil, measured: Int? = nil
    ) -> Problem {
        Problem(.invalidParameter, "the parameter \(name) \(isWrong)", limit: limit, measured: measured, whatToDo: whatToDo)
    }

    var response: Response {
        var fields = fields
        fields[.contentType] = "application/problem+json"
        fields[.cacheControl] = "no-store"
        if let retryAfterSeconds { fields[.retryAfter] = String(retryAfterSeconds) }
        if !allow.isEmpty { fields[.allow] = allow.map(\.rawValue).joined(separator: ", ") }
        if let job { fields[.fidediffJob] = job }
        return Response(status: type.status, fields: fields, body: .data(Data(JSON.bytes(self))))
    }
}

extension Problem: JSONWritable {
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.member("detail", detail)
            if let job { json.member("job", "/v1/jobs/" + job) }
            if let limit { json.member("limit", limit) }
            if let measured { json.member("measured", measured) }
            json.member("status", type.status.code)
            json.member("title", type.title)
            json.member("type", type.uri)
            json.member("what_to_do", whatToDo)
        }
    }
}
