// JobResource.swift: /v1/jobs/{id}: how far a job is; cancel it while it is unfinished, delete it afterwards.

import HTTPTypes
import Storage

struct JobResource: Sendable {
    let backend: Backend

    var routes: [Route] {
        [
            Route(.get, "/v1/jobs/{id}", problems: [.unknownJob], .blocking(show)),
            Route(.delete, "/v1/jobs/{id}", successes: [202, 204], problems: [.unknownJob], .blocking(delete)),
        ]
    }

    private func show(_ call: Call) throws -> Response {
        try document(backend.job(call), .ok)
    }

    /// 202 with the job when it was unfinished: a queued one is cancelled now, a running one between two tiles.
    /// 204 when it was finished: the job and its pictures are gone.
    private func delete(_ call: Call) throws -> Response {
        var job = try backend.job(call)
        if !job.state.isFinal {
            do {
                job = try backend.jobs.cancel(id: job.id)
                if job.state.isFinal { backend.waiters.settled(job) }
                return try document(job, .accepted)
            } catch StorageError.conflict {
                // It finished between the two statements: deleted then, as if the request had come a moment later.
            }
        }
        try backend.jobs.delete(id: job.id)
        try backend.blobs.remove(id: job.id)
        return Response(status: .noContent)
    }

    private func document(_ job: Job, _ status: HTTPResponse.Status) throws -> Response {
        let position = job.state == .queued ? try backend.jobs.position(id: job.id) : nil
        return .json(backend.document(job, queuePosition: position), status: status, fields: [.fidediffJob: job.id])
    }
}
