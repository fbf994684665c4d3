// Problem.swift: what a client is told when something went wrong: application/problem+json (RFC 9457).
//
// Members: type, title, status, detail as the RFC has them; limit and measured, the number that was exceeded or missed and
// the one that was found; what_to_do; job, the path of the job that it is about.

import Foundation
import HTTPTypes

struct Problem: Error, Sendable, Equatable {
    var type: ProblemType
    /// This occurrence, in words (RFC 9457 section 3.1.4).
    var detail: String
    var limit: Int?
    var measured: Int?
    var whatToDo: String
    /// Id of the job that the problem is about.
    var job: String?
    /// For the header Retry-After.
    var retryAfterSeconds: Int?
    /// For the header Allow (RFC 9110 section 10.2.1).
    var allow: [HTTPRequest.Method] = []
    /// Other fields of the header.
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

    /// "PARAMETER IS WRONG; what to do".
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
        return Response(
            status: type.status, fields: fields, body: .data(JSON.encodeOrEmpty(self)))
    }
}

extension Problem: Encodable {
    private enum Key: String, CodingKey {
        case type, title, status, detail, limit, measured, job
        case whatToDo = "what_to_do"
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(type.uri, forKey: .type)
        try members.encode(type.title, forKey: .title)
        try members.encode(type.status.code, forKey: .status)
        try members.encode(detail, forKey: .detail)
        try members.encodeIfPresent(limit, forKey: .limit)
        try members.encodeIfPresent(measured, forKey: .measured)
        try members.encode(whatToDo, forKey: .whatToDo)
        try members.encodeIfPresent(job.map { "/v1/jobs/" + $0 }, forKey: .job)
    }
}
