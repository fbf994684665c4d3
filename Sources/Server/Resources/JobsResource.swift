import Foundation
import HTTPTypes
import Storage

/// /v1/jobs: put a picture in the queue; list jobs by state and blur level.
struct JobsResource: Sendable {
    let context: ResourceContext

    var routes: [Route] {
        [
            Route(
                .post, "/v1/jobs", parameters: JobOptions.names, body: .picture, successes: [202],
                problems: PictureUpload.problems.union([.imageTooLong, .queueFull, .diskFull, .idempotencyKeyReused]),
                foresee: context.foreseeJob, .deferred(submit)),
            Route(
                .get, "/v1/jobs",
                parameters: ["state", "min_timestep", "max_timestep", "created_from", "created_before", "limit", "cursor"],
                .blocking(list)),
        ]
    }

    /// 202 once the job is committed to disk (RFC 9110 section 15.3.3).
    private func submit(_ call: Call, _ reply: @escaping Route.Reply) throws {
        let fields = call.request.head.headerFields
        let upload = try PictureUpload(call.request)
        let info = try context.intake.inspect(upload.picture, options: upload.options.deblurOptions)
        let (job, isReplay) = try context.accept(call, upload.picture, info, upload.options)
        try context.answer(
            job, status: .accepted, isReplay: isReplay,
            after: WaitPreference(fields, maxWaitSeconds: context.configuration.maxWaitSeconds, byDefault: false),
            client: call.request.client, reply)
    }

    private func list(_ call: Call) throws -> Response {
        var query = JobQuery()
        query.states = try states(call)
        query.minTimestep = try call.integer("min_timestep", JobOptions.timesteps)
        query.maxTimestep = try call.integer("max_timestep", JobOptions.timesteps)
        query.createdFrom = try call.date("created_from")
        query.createdBefore = try call.date("created_before")
        query.limit = try call.integer("limit", 1...JobQuery.maxLimit) ?? JobQuery.defaultLimit
        query.cursor = try call.single("cursor")
        query.keyID = call.caller.keyID
        let page = try context.jobs.list(query)
        let snapshot = page.jobs.contains { !$0.state.isFinal } ? try context.jobs.snapshot() : nil
        return .json(
            Page(
                jobs: page.jobs.map { JobDocument($0, $0.state.isFinal ? nil : snapshot, context.configuration) },
                nextCursor: page.nextCursor))
    }

    /// state=queued,running and state=queued&state=running say the same.
    private func states(_ call: Call) throws -> Set<JobState>? {
        let names = call.query("state").flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        guard !names.isEmpty else { return nil }
        return Set(
            try names.map { name in
                guard let state = JobState(rawValue: String(name)) else {
                    let known = JobState.allCases.map(\.rawValue).joined(separator: ", ")
                    throw Problem.parameter("state", "is '\(name.prefix(40))'", "use one or several of \(known)")
                }
                return state
            })
    }

    private struct Page: JSONWritable {
        let jobs: [JobDocument]
        let nextCursor: String?

        func write(_ json: inout JSONWriter) {
            json.object { json in
                json.array("jobs", jobs) { json, job in json.value(job) }
                json.member("next_cursor", nextCursor)
            }
        }
    }
}
