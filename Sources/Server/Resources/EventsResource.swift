import HTTPTypes
import Storage

/// /v1/jobs/{id}/events: server-sent events, from now to the job's end.
struct EventsResource: Sendable {
    private static let retryMilliseconds = 2_000
    let context: ResourceContext

    var routes: [Route] {
        [Route(.get, "/v1/jobs/{id}/events", successes: [200, 204], problems: [.unknownJob, .notAcceptable], .blocking(events))]
    }

    /// A client that has seen the end is told not to come back: 204 (HTML section 9.2.3).
    private func events(_ call: Call) throws -> Response {
        let job = try context.job(call), lastID = call.request.head.headerFields[.lastEventID]
        _ = try Negotiation.preferred(call.request.head.headerFields, [ServerSentEvent.mediaType])
        if job.state.isFinal, lastID == (try context.document(job).eventID) {
            return Response(status: .noContent, fields: [.fidediffJob: job.id])
        }
        let stream = ResponseStream(heartbeat: ServerSentEvent.heartbeat) { [events = context.events] writer in
            writer.write(ServerSentEvent.retry(milliseconds: Self.retryMilliseconds))
            events.follow(job.id, lastID: lastID, writer)
        }
        return Response(
            status: .ok,
            fields: [
                .contentType: ServerSentEvent.mediaType, .cacheControl: "no-store", .fidediffJob: job.id,
                // nginx would hold events back until it has a buffer full.
                .xAccelBuffering: "no",
            ],
            body: .stream(stream))
    }
}
