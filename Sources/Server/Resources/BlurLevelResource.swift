import Engine
import Foundation
import HTTPTypes

/// POST /v1/blur-level: how blurred a picture is, without the diffusion pass where M and T leave no doubt.
///
/// Not a job: nothing is stored. It runs beside the jobs on the workers' queue, so that a long queue does not delay it, and is
/// bounded on its own.
struct BlurLevelResource: Sendable {
    let context: ResourceContext

    var routes: [Route] {
        [
            Route(
                .post, "/v1/blur-level", body: .picture,
                problems: PictureUpload.problems.union([.queueFull, .numericalFault, .internalError]),
                foresee: context.foreseeBlurLevel, .deferred(blurLevel))
        ]
    }

    private func blurLevel(_ call: Call, _ reply: @escaping Route.Reply) throws {
        let upload = try PictureUpload(call.request, optionNames: [])
        _ = try context.intake.inspect(upload.picture)
        try context.blurLevels.submit {
            do {
                let level = try context.engine.blurLevel(of: upload.picture)
                reply(.json(BlurLevelDocument(level)))
            } catch {
                let problem = Problem(error)
                if problem.type == .internalError {
                    context.logger.error("blur level failed", metadata: call.logMetadata.merging(["error": "\(error)"]) { $1 })
                }
                reply(problem.response)
            }
        }
    }
}
