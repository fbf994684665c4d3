import HTTPTypes
import Storage

/// /v1/jobs/{id}: how far a job is; cancel it while it is unfinished, delete it afterwards.
struct JobResource: Sendable {
    let context: ResourceContext

    var routes: [Route] {
        [
            Route(.get, "/v1/jobs/{id}", problems: [.unknownJob], .deferred(show)),
            Route(.delete, "/v1/jobs/{id}", successes: [202, 204], problems: [.unknownJob], .blocking(delete)),
        ]
    }

    /// `Prefer: wait=N` asks to be answered when the job is settled, or after N seconds.
    private func show(_ call: Call, _ reply: @escaping Route.Reply) throws {
        let preference = WaitPreference(
            call.request.head.headerFields, maxWaitSeconds: context.configuration.maxWaitSeconds, byDefault: false)
        try context.answer(context.job(call), status: .ok, after: preference, client: call.request.client, reply)
    }

    /// 202 with the job when it was unfinished: a queued one is cancelled now, a running one between two tiles.
    /// 204 when it was finished: the job and its pictures are gone.
    private func delete(_ call: Call) throws -> Response {
        var job = try context.job(call)
        if !job.state.isFinal {
            do {
                job = try context.jobs.cancel(id: job.id)
                context.events.queueMoved(job.id)
                if job.state.isFinal { context.waiters.settled(job) }
                return try context.answer(job, status: .accepted)
            } catch StorageError.conflict {
                // It finished between the two statements: deleted then, as if the request had come a moment later.
            }
        }
        try context.jobs.delete(id: job.id, webhooks: context.webhookBody)
        context.garbage.remove(job.id)
        context.events.changed(job.id)
        return Response(status: .noContent)
    }
}
