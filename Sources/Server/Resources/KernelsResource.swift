import Engine
import Foundation
import HTTPTypes
import Storage

/// /v1/jobs/{id}/kernels: the motion that the model sees, drawn over the photograph.
struct KernelsResource: Sendable {
    let context: ResourceContext

    var routes: [Route] {
        [
            Route(
                .get, "/v1/jobs/{id}/kernels", parameters: ["across"], successes: PictureAnswer.successes,
                problems: PictureAnswer.problems.union([
                    .unknownJob, .inputGone, .unreadableImage, .unsupportedImage, .numericalFault, .queueFull, .notReady,
                    .internalError,
                ]),
                .deferred(kernels))
        ]
    }

    /// Needs the input alone, so it can be asked for before the job is settled.
    private func kernels(_ call: Call, _ reply: @escaping Route.Reply) throws {
        let job = try context.job(call)
        let across = try call.integer("across", Deblurrer.motionPlaces) ?? Deblurrer.defaultMotionPlaces
        // The drawing's tag names the model.
        guard context.engine.isLoaded else { throw Problem.loading }
        let answer = PictureAnswer(
            tag: EntityTag("\(job.id).motion.\(across).\(context.engine.modelHash)"), lastModified: job.createdAt,
            mediaType: ImageFormat.png.mediaType, fields: [.fidediffJob: job.id])
        if let early = try answer.early(call.request) { return reply(early) }
        do {
            // Looked for now, read in its turn: what waits holds no picture in memory.
            _ = try context.blobs.url(id: job.id, kind: .input)
        } catch StorageError.notFound {
            throw Problem(.inputGone, "the photograph of job \(job.id) is no longer stored", job: job.id)
        }
        try context.render(call, reply) { [answer] in
            let drawing = try context.engine.motionPicture(of: context.blobs.read(id: job.id, kind: .input), across: across)
            var answer = answer
            answer.fields[.fidediffMotionScale] = drawing.scaleText
            return try answer.response(call.request, .data(drawing.data))
        }
    }
}
