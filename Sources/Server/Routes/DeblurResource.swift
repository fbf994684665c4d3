// DeblurResource.swift: POST /v1/deblur: a picture in, the deblurred picture out, on one connection.
//
// It is a job like any other: recorded before work starts, run by the pool in its turn. The connection only waits for it. A
// client that goes away loses nothing: the job finishes, and GET /v1/jobs lists it.

import Foundation
import HTTPTypes
import Storage

struct DeblurResource: Sendable {
    let backend: Backend

    var routes: [Route] {
        [
            Route(
                .post, "/v1/deblur", parameters: JobOptions.names, body: .picture,
                problems: PictureUpload.problems.union([
                    .queueFull, .diskFull, .stopping, .jobCancelled, .resultGone, .inputGone, .interrupted, .numericalFault,
                    .internalError,
                ]),
                .deferred(deblur))
        ]
    }

    private func deblur(_ call: Call, _ reply: @escaping Route.Reply) throws {
        let upload = try PictureUpload(call.request)
        let context = try backend.context(of: call, upload.options)
        let id = JobID.make()
        backend.waiters.add(id: id) { news in
            reply(answer(news, id: id))
        }
        do {
            _ = try backend.intake.accept(upload.picture, id: id, options: upload.options, context: context)
        } catch {
            // Nobody has been told of the id, so the callback was not called, unless the service stops this moment.
            guard backend.waiters.remove(id: id) else { return }
            throw error
        }
        backend.pool.wake()
    }

    private func answer(_ news: JobWaiters.News, id: String) -> Response {
        do {
            guard case .settled(let job) = news else {
                throw Problem(.stopping, "the service stops; job \(id) goes on after its restart", job: id)
            }
            return try ResultResource.response(for: job, backend.blobs)
        } catch {
            return Problem(error).response
        }
    }
}
