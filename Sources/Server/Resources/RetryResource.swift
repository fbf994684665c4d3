import HTTPTypes
import Storage

/// POST /v1/jobs/{id}/retry: a failed job waits again, as if it had just been sent.
struct RetryResource: Sendable {
    let context: ResourceContext

    var routes: [Route] {
        [
            Route(
                .post, "/v1/jobs/{id}/retry", successes: [202], problems: [.unknownJob, .jobNotFailed, .inputGone, .queueFull],
                .blocking(retry))
        ]
    }

    private func retry(_ call: Call) throws -> Response {
        let job = try context.job(call)
        guard job.state == .failed else { throw notFailed(job.id, job.state) }
        do {
            _ = try context.blobs.url(id: job.id, kind: .input)
        } catch StorageError.notFound {
            throw Problem(.inputGone, "the photograph of job \(job.id) is no longer stored", job: job.id)
        }
        do {
            let queued = try context.jobs.retry(id: job.id)
            context.pool.wake()
            context.events.changed(job.id)
            return try context.answer(queued, status: .accepted)
        } catch StorageError.conflict(let id, let state) {
            throw notFailed(id, state)
        } catch {
            throw context.timed(error)
        }
    }

    private func notFailed(_ id: String, _ state: JobState) -> Problem {
        Problem(.jobNotFailed, "job \(id) is \(state.rawValue)", job: id)
    }
}
