// Peer.swift: GET /healthz and GET /v1/jobs/{id} with Hummingbird 2 and GRDB, over the database of a running `fidediff serve`, and POST /collect,
// which takes a body whole. What `fidediff` does beside answering (access log, metrics, keys, webhooks) is left out.

import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import NIOCore

@main
struct Peer {
    /// The largest body that `fidediff` takes.
    private static let maxBodyBytes = 64 << 20

    static func main() async throws {
        guard CommandLine.arguments.count == 2 else {
            FileHandle.standardError.write(Data("usage: peer DATABASE\n".utf8))
            exit(2)
        }
        var configuration = Configuration()
        configuration.readonly = true
        let pool = try DatabasePool(path: CommandLine.arguments[1], configuration: configuration)

        let router = Router()
        let health = ByteBuffer(string: #"{"status":"ok"}"#)
        router.get("healthz") { _, context in
            Response(status: .ok, headers: fields(context.id), body: ResponseBody(byteBuffer: health))
        }
        router.get("v1/jobs/:id") { _, context in
            let id = try context.parameters.require("id")
            let found = try await pool.read { db in
                try JobDocument.fetchOne(db.cachedStatement(sql: "SELECT * FROM job WHERE id = ?"), arguments: [id])
            }
            guard let job = found else { throw HTTPError(.notFound) }
            guard job.isFinished else { throw HTTPError(.conflict, message: "only finished jobs are shown") }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            var header = fields(context.id)
            header[.fidediffJob] = job.id
            header[.serverTiming] = job.serverTiming
            return Response(status: .ok, headers: header, body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(job))))
        }
        router.post("collect") { request, context in
            let body = try await request.body.collect(upTo: maxBodyBytes)
            return Response(status: .ok, headers: fields(context.id), body: ResponseBody(byteBuffer: ByteBuffer(string: "\(body.readableBytes)")))
        }

        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0), backlog: 1_024),
            onServerRunning: { channel in
                print("peer listens on http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
                fflush(nil)
            })
        try await application.runService()
    }

    /// Those of `fidediff` that every answer has.
    private static func fields(_ requestID: String) -> HTTPFields {
        [.contentType: "application/json", .cacheControl: "no-store", .xContentTypeOptions: "nosniff", .fidediffRequest: requestID]
    }
}

extension HTTPField.Name {
    static let fidediffRequest = HTTPField.Name("Fidediff-Request")!
    static let fidediffJob = HTTPField.Name("Fidediff-Job")!
    static let serverTiming = HTTPField.Name("Server-Timing")!
}
