import Foundation
import Testing
@testable import Server

/// `fidediff key` beside a running service.
@Suite(.timeLimit(.minutes(60))) struct KeyCommandTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder(withPhotographs: false)
    }

    @Test func keysAreMadeListedAndRevokedBesideARunningService() throws {
        let made = try folder.run(["key", "add", "Ada", "--data", "data", "--requests-per-minute", "60", "--json"])
        let key = try JSONValue(json: Data(made.output.utf8))
        let text = try #require(key["key"]?.string), id = try #require(key["id"]?.string)
        _ = try WebhookSecret(#require(key["webhook_secret"]?.string))

        let server = try Executable(
            ["serve", "--port", "0", "--data", "data", "--model", folder.model, "--require-keys", "--log-format", "json"],
            folder: folder.url)
        let port = try server.port()
        func status(_ key: String) throws -> Int {
            let client = try HTTPLoopbackClient(port: port)
            ServiceFixture.send(client, "GET", "/v1/jobs", Data(), ["Authorization": "Bearer \(key)"])
            return try client.answer().status
        }
        #expect(try status(text) == 200)
        let second = try #require(
            try JSONValue(json: Data(folder.run(["key", "add", "Bob", "--data", "data", "--json"]).output.utf8))["key"]?.string)
        try ServiceFixture.wait { try status(second) == 200 }
        let listed = try folder.run(["key", "list", "--data", "data"])
        #expect(
            listed.output.contains("Ada") && listed.output.contains("60 requests a minute") && !listed.output.contains(text), "\(listed)")
        let database =
            try Data(contentsOf: folder.url.appendingPathComponent("data/fidediff.sqlite"))
            + Data(contentsOf: folder.url.appendingPathComponent("data/fidediff.sqlite-wal"))
        #expect(database.range(of: Data(id.utf8)) != nil && database.range(of: Data(text.utf8)) == nil, "the key itself is not stored")
        #expect(try folder.run(["key", "revoke", id, "--data", "data"]).code == 0)
        try ServiceFixture.wait { try status(text) == 401 }
        #expect(try folder.run(["key", "revoke", id, "--data", "data"]).code == 64)

        server.kill(SIGTERM)
        let ended = try server.result()
        #expect(ended.code == 0)
        let lines = try ended.errors.split(separator: "\n").map { try JSONValue(json: Data($0.utf8)) }
        #expect(lines.contains { $0["message"]?.string == "GET /v1/jobs" && $0["status"] == .integer(200) })
        #expect(lines.last?["message"] == .string("stopped"))
    }
}
