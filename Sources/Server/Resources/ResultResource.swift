import Engine
import Foundation
import HTTPTypes
import Storage

/// /v1/jobs/{id}/result: the deblurred picture, sent from its file, or made into another format first.
struct ResultResource: Sendable {
    let context: ResourceContext

    var routes: [Route] {
        [
            Route(
                .get, "/v1/jobs/{id}/result", parameters: ["format", "quality"], successes: PictureAnswer.successes,
                problems: PictureAnswer.problems.union([
                    .unknownJob, .jobNotFinished, .jobFailed, .jobCancelled, .resultGone, .notAcceptable, .imageTooLong, .queueFull,
                    .internalError,
                ]),
                .deferred(result))
        ]
    }

    private func result(_ call: Call, _ reply: @escaping Route.Reply) throws {
        let job = try context.job(call)
        // A question that no state of the job could answer, whatever its state is.
        let asked = try JobOptions.encoding(call.single("format"), call.single("quality"))
        if let problem = job.problem {
            // The job's own status would blame this request for what is wrong with the picture.
            throw Problem(.jobFailed, "job \(job.id) failed: \(problem.detail)", whatToDo: problem.whatToDo, job: job.id)
        }
        let stored = try Self.stored(job, context)
        let format = try Negotiation.format(asked.format, call.request.head.headerFields, own: stored.format)
        let quality = format == .jpeg ? asked.quality ?? stored.quality : nil
        guard format != stored.format || (asked.quality != nil && quality != stored.quality) else {
            return reply(try stored.answer.response(call.request, .file(stored.url, length: stored.bytes)))
        }

        let answer = PictureAnswer(
            tag: EntityTag("\(job.id).output.\(format.rawValue)\(quality.map { ".\($0)" } ?? "")"),
            lastModified: stored.answer.lastModified,
            mediaType: format.mediaType, fields: stored.answer.fields)
        if let early = try answer.early(call.request) { return reply(early) }
        try context.render(call, reply) {
            let picture = try Deblurrer.encode(
                context.blobs.read(id: job.id, kind: .output), as: format, quality: quality ?? JobOptions.defaultQuality)
            return try answer.response(call.request, .data(picture))
        }
    }

    /// The output as it lies on disk.
    struct Stored: Sendable {
        let url: URL
        let bytes: Int
        let format: ImageFormat
        /// The quality with which a JPEG was written.
        let quality: Int
        let answer: PictureAnswer
    }

    /// - Throws: `Problem`: the job's own when it failed; job_not_finished, job_cancelled, result_gone
    static func stored(_ job: Job, _ context: ResourceContext) throws -> Stored {
        switch job.state {
        case .queued, .running:
            throw Problem(
                .jobNotFinished, "job \(job.id) is \(job.state.rawValue), \(Int(job.progress * 100)) % done", job: job.id,
                retryAfterSeconds: ResourceContext.retryAfterSeconds(try context.document(job).estimatedSeconds))
        case .cancelled:
            throw Problem(.jobCancelled, "job \(job.id) was cancelled", job: job.id)
        case .failed:
            var problem = job.problem ?? Problem(.internalError, "the job failed for a reason that was not stored")
            problem.job = job.id
            throw problem
        case .succeeded:
            guard let output = job.output, let format = ImageFormat(rawValue: output.format),
                let url = try? context.blobs.url(id: job.id, kind: .output),
                context.blobs.bytes(id: job.id, kind: .output) == output.bytes
            else {
                throw Problem(.resultGone, "the picture of job \(job.id) is no longer stored", job: job.id)
            }
            let options = try JobOptions(stored: job.options, timestep: job.requestedTimestep)
            var fields = ResourceContext.fields(job, isReplay: false)
            fields[.contentLocation] = "/v1/jobs/\(job.id)/result"
            fields[.vary] = "Accept"
            if let timestep = job.predictedTimestep { fields[.fidediffPredictedTimestep] = String(timestep) }
            if let isUnchanged = output.isUnchanged { fields[.fidediffUnchanged] = String(isUnchanged) }
            if let psnr = output.reblurPSNR { fields[.fidediffReblurPSNR] = String(format: "%.2f", psnr) }
            return Stored(
                url: url, bytes: output.bytes, format: format, quality: options.quality ?? JobOptions.defaultQuality,
                answer: PictureAnswer(
                    tag: EntityTag("\(job.id).output"), lastModified: job.finishedAt ?? job.createdAt, mediaType: format.mediaType,
                    fields: fields))
        }
    }

    /// The answer that a job's end stands for, whole, to a request that made the job or waited for it.
    /// - Throws: as `stored`
    static func response(for job: Job, _ context: ResourceContext) throws -> Response {
        let stored = try stored(job, context)
        var request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: nil)
        request.headerFields = [:]
        return try stored.answer.response(Request(head: request, path: ""), .file(stored.url, length: stored.bytes))
    }
}
