// ResultResource.swift: /v1/jobs/{id}/result: the deblurred picture, sent from its file.

import Engine
import Foundation
import HTTPTypes
import Storage

struct ResultResource: Sendable {
    let backend: Backend

    var routes: [Route] {
        [
            Route(
                .get, "/v1/jobs/{id}/result", problems: [.unknownJob, .jobNotFinished, .jobFailed, .jobCancelled, .resultGone],
                .blocking(result))
        ]
    }

    private func result(_ call: Call) throws -> Response {
        let job = try backend.job(call)
        if let problem = job.problem {
            // The job's own status would blame this request for what is wrong with the picture.
            throw Problem(.jobFailed, "job \(job.id) failed: \(problem.detail)", whatToDo: problem.whatToDo, job: job.id)
        }
        return try Self.response(for: job, backend.blobs)
    }

    /// The answer that a job's end stands for.
    /// - Throws: `Problem`: the job's own when it failed; job_not_finished, job_cancelled, result_gone
    static func response(for job: Job, _ blobs: BlobStore) throws -> Response {
        switch job.state {
        case .queued, .running:
            throw Problem(
                .jobNotFinished, "job \(job.id) is \(job.state.rawValue), \(Int(job.progress * 100)) % done", job: job.id,
                retryAfterSeconds: Problem.retryAfterSeconds)
        case .cancelled:
            throw Problem(.jobCancelled, "job \(job.id) was cancelled", job: job.id)
        case .failed:
            var problem = job.problem ?? Problem(.internalError, "the job failed for a reason that was not stored")
            problem.job = job.id
            throw problem
        case .succeeded:
            return try picture(of: job, blobs)
        }
    }

    private static func picture(of job: Job, _ blobs: BlobStore) throws -> Response {
        guard let format = job.outputFormat.flatMap(ImageFormat.init(rawValue:)), let bytes = job.outputBytes,
            let url = try? blobs.url(id: job.id, kind: .output)
        else {
            throw Problem(.resultGone, "the picture of job \(job.id) is no longer stored", job: job.id)
        }
        var fields: HTTPFields = [
            .contentType: format.mediaType, .contentLocation: "/v1/jobs/\(job.id)/result", .fidediffJob: job.id,
            // The bytes of a job never change; they are somebody's photograph.
            .cacheControl: "private, max-age=3600, immutable",
        ]
        if let timestep = job.predictedTimestep { fields[.fidediffPredictedTimestep] = String(timestep) }
        return Response(status: .ok, fields: fields, body: .file(url, offset: 0, length: bytes))
    }
}
