import Foundation
import HTTPTypes

/// For those who run the service: is it alive, is it ready, what does it offer.
struct OperationsResource: Sendable {
    let context: ResourceContext
    private static let alive = Response.json(["status": "ok"])

    var routes: [Route] {
        [
            Route(.get, "/healthz", .immediate { _ in Self.alive }),
            Route(.get, "/readyz", problems: [.notReady, .stopping], .blocking(ready)),
            Route(.get, "/openapi.yaml", .immediate(openAPI)),
        ]
    }

    private func ready(_ call: Call) throws -> Response {
        let queued = try context.requireReadiness()
        return .json(
            Readiness(
                status: "ready", model: context.engine.modelName, modelHash: context.engine.modelHash,
                version: Version.current, workers: context.pool.workers, queued: queued, queueLimit: context.jobs.maxQueued))
    }

    private struct Readiness: Encodable {
        let status: String
        let model: String
        let modelHash: String
        let version: String
        let workers: Int
        let queued: Int
        let queueLimit: Int

        private enum CodingKeys: String, CodingKey {
            case status, model, version, workers, queued
            case modelHash = "model_hash"
            case queueLimit = "queue_limit"
        }
    }

    private func openAPI(_ call: Call) -> Response {
        // The media type of RFC 9512.
        Response(
            status: .ok, fields: [.contentType: "application/yaml", .cacheControl: "max-age=300"],
            body: .data(OpenAPIDocument.data))
    }
}
