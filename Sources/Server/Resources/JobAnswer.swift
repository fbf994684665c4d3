import Foundation
import HTTPTypes
import Storage

/// A job as a response: its document, and in the header what a client needs without reading that.
extension ResourceContext {
    /// What a place in the queue and the time left follow from; not read for a settled job.
    func document(_ job: Job) throws -> JobDocument {
        JobDocument(job, job.state.isFinal ? nil : try jobs.snapshot(), configuration)
    }

    /// - Parameter isReplay: an earlier request with the same idempotency key made the job.
    func answer(_ job: Job, status: HTTPResponse.Status, isReplay: Bool = false) throws -> Response {
        let document = try document(job)
        var fields = Self.fields(job, isReplay: isReplay)
        if !job.state.isFinal { fields[.retryAfter] = String(Self.retryAfterSeconds(document.estimatedSeconds)) }
        if status == .accepted { fields[.location] = "/v1/jobs/\(job.id)" }
        return .json(document, status: status, fields: fields)
    }

    /// That an output was not computed for this request is said where it is given out, and where its job is shown.
    static func fields(_ job: Job, isReplay: Bool) -> HTTPFields {
        var fields: HTTPFields = [.fidediffJob: job.id]
        if let twin = job.output?.reusedFrom { fields[.fidediffReusedFrom] = twin }
        if isReplay { fields[.idempotentReplayed] = "true" }
        fields.addTiming(of: job)
        return fields
    }

    /// When asking again is worth it: when the job should be over, but not so late that a wrong estimate costs much.
    static func retryAfterSeconds(_ estimate: Double?) -> Int {
        min(max(Int((estimate ?? Double(Problem.retryAfterSeconds)).rounded(.up)), 1), 60)
    }
}

extension HTTPFields {
    /// W3C Server Timing, section 3: where the time of a finished job went, in milliseconds.
    mutating func addTiming(of job: Job) {
        guard let seconds = job.seconds else { return }
        var parts: [(name: String, seconds: Double)] = []
        if let started = job.startedAt { parts.append(("queue", started.timeIntervalSince(job.createdAt))) }
        parts += seconds.stages + [("total", seconds.total)]
        self[.serverTiming] = parts.map { part in
            "\(part.name);dur=\((Swift.max(part.seconds, 0) * 10_000).rounded() / 10)"
        }.joined(separator: ", ")
    }
}
