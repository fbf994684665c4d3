// JobDocument.swift: a job in JSON. Every member is always there; what is not known yet is null.

import Engine
import Foundation
import Storage

struct JobDocument: Encodable, Sendable {
    let job: Job
    /// 1 = next; nil unless queued.
    let queuePosition: Int?
    /// When retention by age removes it; nil unless finished.
    var expiresAt: Date?

    private enum Key: String, CodingKey {
        case id, state, progress, attempts, input, output, seconds, problem, links, webhook, traceparent
        case expiresAt = "expires_at"
        case queuePosition = "queue_position"
        case requestedTimestep = "requested_timestep"
        case predictedTimestep = "predicted_timestep"
        case cancelRequested = "cancel_requested"
        case createdAt = "created_at"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
    }

    private struct Picture: Encodable {
        let format: String
        let bytes: Int
        let width: Int
        let height: Int
    }

    private struct Links: Encodable {
        let `self`: String
        let result: String
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(job.id, forKey: .id)
        try members.encode(job.state.rawValue, forKey: .state)
        try members.encode(job.progress, forKey: .progress)
        try members.encode(queuePosition, forKey: .queuePosition)
        try members.encode(job.requestedTimestep, forKey: .requestedTimestep)
        try members.encode(job.predictedTimestep, forKey: .predictedTimestep)
        try members.encode(job.attempts, forKey: .attempts)
        try members.encode(job.cancelRequested, forKey: .cancelRequested)
        try members.encode(JSON.rfc3339(job.createdAt), forKey: .createdAt)
        try members.encode(job.startedAt.map(JSON.rfc3339), forKey: .startedAt)
        try members.encode(job.finishedAt.map(JSON.rfc3339), forKey: .finishedAt)
        try members.encode(expiresAt.map(JSON.rfc3339), forKey: .expiresAt)
        try members.encode(job.context.webhookURL, forKey: .webhook)
        try members.encode(job.context.traceparent, forKey: .traceparent)
        try members.encode(picture(job.inputFormat, job.inputBytes), forKey: .input)
        try members.encode(picture(job.outputFormat, job.outputBytes), forKey: .output)
        try members.encode(seconds, forKey: .seconds)
        try members.encode(job.problem, forKey: .problem)
        try members.encode(
            Links(self: "/v1/jobs/\(job.id)", result: "/v1/jobs/\(job.id)/result"), forKey: .links)
    }

    /// nil until succeeded. The worker stored what it decodes here.
    private var seconds: StageSeconds? {
        job.stageSeconds.flatMap { try? JSONDecoder().decode(StageSeconds.self, from: Data($0.utf8)) }
    }

    /// The output is as wide and high as the input.
    private func picture(_ format: String?, _ bytes: Int?) -> Picture? {
        guard let format, let bytes else { return nil }
        return Picture(format: format, bytes: bytes, width: job.width, height: job.height)
    }
}

extension Job {
    /// Why it failed; nil unless it did. A name that a newer version stored reads as an internal error.
    var problem: Problem? {
        guard let problemType else { return nil }
        return Problem(ProblemType(rawValue: problemType) ?? .internalError, problemDetail ?? problemType)
    }
}
