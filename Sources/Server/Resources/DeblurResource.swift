import Engine
import Foundation
import HTTPTypes
import Storage

/// POST /v1/deblur: a picture in, the deblurred picture out, on one connection.
///
/// It is a job like any other: recorded before work starts, run by the pool in its turn. The connection only waits for it, as long as the
/// client prefers (RFC 7240) and the service allows, and is then answered with the job. A client that goes away is noticed, and loses
/// nothing: the job finishes, GET /v1/jobs lists it, and the same picture sent again gets its result at once.
struct DeblurResource: Sendable {
    let context: ResourceContext

    var routes: [Route] {
        [
            Route(
                .post, "/v1/deblur", parameters: JobOptions.names, body: .picture, successes: [200, 202],
                problems: PictureUpload.problems.union([
                    .imageTooLong,
                    .queueFull, .diskFull, .stopping, .jobCancelled, .resultGone, .inputGone, .interrupted, .timedOut, .numericalFault,
                    .internalError, .notAcceptable, .idempotencyKeyReused,
                ]),
                foresee: context.foreseeJob, .deferred(deblur))
        ]
    }

    private func deblur(_ call: Call, _ reply: @escaping Route.Reply) throws {
        let fields = call.request.head.headerFields, client = call.request.client, metadata = call.logMetadata
        let preference = WaitPreference(fields, maxWaitSeconds: context.configuration.maxWaitSeconds, byDefault: true)
        let (job, isReplay) = try accept(call)
        // Nothing below may hold the call: with it, the picture would stay in memory for as long as the client waits.
        try JobWait.start(
            id: job.id, seconds: preference.seconds, waiters: context.waiters, client: client, current: { try context.current(job) },
            left: { [logger = context.logger] in logger.info("client left", metadata: metadata.merging(["job": "\(job.id)"]) { $1 }) },
            end: { reply(preference.applied(to: answer($0, job, isReplay: isReplay))) })
    }

    private func accept(_ call: Call) throws -> (Job, isReplay: Bool) {
        let fields = call.request.head.headerFields
        let upload = try PictureUpload(call.request)
        var options = upload.options
        let info = try context.intake.inspect(upload.picture, options: options.deblurOptions)
        let format = try Negotiation.format(options.format, fields, own: info.format)
        if format != info.format { options.format = format }
        return try context.accept(call, upload.picture, info, options)
    }

    private func answer(_ end: JobWait.End, _ accepted: Job, isReplay: Bool) -> Response {
        do {
            switch end {
            case .settled(let job):
                var response = try ResultResource.response(for: job, context)
                if isReplay { response.fields[.idempotentReplayed] = "true" }
                return response
            case .timedOut:
                return try context.answer(context.current(accepted), status: .accepted, isReplay: isReplay)
            case .stopping:
                throw Problem(.stopping, "the service stops; job \(accepted.id) goes on after its restart", job: accepted.id)
            }
        } catch {
            return Problem(error).response
        }
    }
}

extension ResourceContext {
    /// Puts a picture in the queue and sees that a worker looks there.
    /// - Parameter info: of the picture, as `Intake.inspect` gave it
    /// - Throws: as `Intake.accept`; `queue_full` with the time that the queue takes; `invalid_parameter`
    func accept(_ call: Call, _ picture: Data, _ info: ImageInfo, _ options: JobOptions) throws -> (Job, isReplay: Bool) {
        let id = JobID.make(), repetition = try Intake.Repetition(call.request.head.headerFields), context = try context(of: call, options)
        do {
            let job = try intake.accept(picture, info, id: id, options: options, repetition: repetition, context: context)
            guard job.id == id else { return (job, isReplay: true) }
            // One that reuses an output is settled, and no worker will say so.
            if job.state.isFinal { waiters.settled(job) } else { pool.wake() }
            return (job, isReplay: false)
        } catch {
            throw timed(error)
        }
    }

    /// Answers with the job, after the wait that the client prefers.
    func answer(
        _ job: Job, status: HTTPResponse.Status, isReplay: Bool = false, after preference: WaitPreference, client: ClientPresence,
        _ reply: @escaping Route.Reply
    ) throws {
        guard preference.seconds > 0, !job.state.isFinal else {
            return reply(preference.applied(to: try answer(job, status: status, isReplay: isReplay)))
        }
        try JobWait.start(
            id: job.id, seconds: preference.seconds, waiters: waiters, client: client, current: { try current(job) }, left: {},
            end: { end in
                do {
                    if case .stopping = end {
                        throw Problem(.stopping, "the service stops; job \(job.id) goes on after its restart", job: job.id)
                    }
                    reply(preference.applied(to: try answer(current(job), status: status, isReplay: isReplay)))
                } catch {
                    reply(Problem(error).response)
                }
            })
    }
}
