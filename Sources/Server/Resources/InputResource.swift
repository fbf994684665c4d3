import Engine
import Foundation
import HTTPTypes
import Storage

/// /v1/jobs/{id}/input: the photograph as it was sent.
struct InputResource: Sendable {
    let context: ResourceContext

    var routes: [Route] {
        [
            Route(
                .get, "/v1/jobs/{id}/input", successes: PictureAnswer.successes,
                problems: PictureAnswer.problems.union([.unknownJob, .inputGone]), .blocking(input))
        ]
    }

    private func input(_ call: Call) throws -> Response {
        let job = try context.job(call)
        let url: URL
        do {
            url = try context.blobs.url(id: job.id, kind: .input)
            guard context.blobs.bytes(id: job.id, kind: .input) == job.inputBytes else { throw StorageError.notFound(id: job.id) }
        } catch StorageError.notFound {
            throw Problem(.inputGone, "the photograph of job \(job.id) is no longer stored", job: job.id)
        }
        let mediaType = ImageFormat(rawValue: job.inputFormat)?.mediaType ?? "application/octet-stream"
        return try PictureAnswer(
            tag: EntityTag("\(job.inputHash)"), lastModified: job.createdAt, mediaType: mediaType, fields: [.fidediffJob: job.id]
        ).response(call.request, .file(url, length: job.inputBytes))
    }
}
