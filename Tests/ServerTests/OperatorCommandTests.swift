import Foundation
import Storage
import Testing
@testable import Server

/// fidediff serve --print-config, key, check and backup as people run them.
@Suite(.timeLimit(.minutes(60))) struct OperatorCommandTests {
    private let folder: URL
    private let model = GatedEngine.fixtures.appendingPathComponent("tiny").path

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-operator-\(JobID.make())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> (code: Int32, output: String, errors: String) {
        try Executable(arguments, folder: folder, environment: environment).result()
    }

    private func write(_ json: String) throws -> String {
        let url = folder.appendingPathComponent("config.json")
        try Data(json.utf8).write(to: url)
        return url.path
    }

    /// name -> (value, source)
    private func settings(_ output: String) -> [String: [String]] {
        Dictionary(
            output.split(separator: "\n").map { line in
                let parts = line.components(separatedBy: "  ").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
                return (parts[0], Array(parts.dropFirst()))
            }
        ) { $1 }
    }

    @Test func flagsGoBeforeTheEnvironmentThatBeforeTheFile() throws {
        let config = try write(
            #"{"workers": 2, "max_queued": 20, "drain_seconds": 1.5, "require_keys": true, "cors_origins": ["https://a", "https://b"]}"#)
        let result = try run(
            ["serve", "--print-config", "--config", config, "--workers", "4"],
            ["FIDEDIFF_WORKERS": "3", "FIDEDIFF_MAX_QUEUED": "30", "FIDEDIFF_WEBHOOK_SECRET": WebhookSecret().text, "FIDEDIFF_HOST": ""])
        #expect(result.code == 0, "\(result.errors)")
        let found = settings(result.output)
        #expect(found["workers"] == ["4", "flag --workers"])
        #expect(found["max-queued"] == ["30", "environment FIDEDIFF_MAX_QUEUED"])
        #expect(found["drain-seconds"] == ["1.5", "file \(config)"])
        #expect(found["require-keys"] == ["true", "file \(config)"])
        #expect(found["cors-origins"] == ["https://a,https://b", "file \(config)"])
        #expect(found["host"] == ["127.0.0.1", "default"], "an empty variable is none")
        #expect(found["webhook-secret"] == ["(set)", "environment FIDEDIFF_WEBHOOK_SECRET"], "a secret is not shown")
        #expect(settings(try run(["serve", "--print-config"], ["FIDEDIFF_CONFIG": config]).output)["workers"] == ["2", "file \(config)"])
        #expect(
            settings(try run(["serve", "--print-config", "--config", config, "--no-require-keys"]).output)["require-keys"] == [
                "false", "flag --require-keys",
            ])
    }

    @Test func mistakesNameTheirSource() throws {
        for (json, environment, expected) in [
            (#"{"workers": 0}"#, [:], "--workers is 0 (file"), (#"{"worker": 1}"#, [:], "unknown setting 'worker'"),
            (#"{"workers": "many"}"#, [:], "--workers is 'many' (file"), ("[1]", [:], "cannot be read as a JSON object"),
            ("{", [:], "cannot be read as a JSON object"),
            ("{}", ["FIDEDIFF_PORT": "http"], "--port is 'http' (environment FIDEDIFF_PORT)"),
            ("{}", ["FIDEDIFF_LOG_FORMAT": "xml"], "use one of text, json"), ("{}", ["FIDEDIFF_WEBHOOK_SECRET": "x"], "whsec_"),
        ] as [(String, [String: String], String)] {
            let result = try run(["serve", "--config", write(json)], environment)
            #expect(result.code == 64 && result.errors.contains(expected), "\(json) \(environment): \(result.errors)")
        }
        #expect(try run(["serve", "--config", "none.json"]).code == 64)
    }

    @Test func aModelThatCannotBeLoadedEndsTheService() throws {
        let broken = folder.appendingPathComponent("model")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: model), to: broken)
        try FileManager.default.removeItem(at: broken.appendingPathComponent("vae.safetensors"))
        let result = try run(["serve", "--port", "0", "--data", "data", "--model", broken.path])
        #expect(result.code == 1 && result.errors.contains("vae.safetensors") && result.output.hasPrefix("fidediff listens on"))
    }

    @Test func keysAreMadeListedAndRevokedBesideARunningService() throws {
        let made = try run(["key", "add", "Ada", "--data", "data", "--requests-per-minute", "60", "--json"])
        let key = try JSONValue(json: Data(made.output.utf8))
        let text = try #require(key["key"]?.string), id = try #require(key["id"]?.string)
        _ = try WebhookSecret(#require(key["webhook_secret"]?.string))

        let server = try Executable(
            ["serve", "--port", "0", "--data", "data", "--model", model, "--require-keys", "--log-format", "json"], folder: folder)
        let port = try server.port()
        func status(_ key: String) throws -> Int {
            let client = try HTTPLoopbackClient(port: port)
            ServiceFixture.send(client, "GET", "/v1/jobs", Data(), ["Authorization": "Bearer \(key)"])
            return try client.answer().status
        }
        #expect(try status(text) == 200)
        let second = try #require(
            try JSONValue(json: Data(run(["key", "add", "Bob", "--data", "data", "--json"]).output.utf8))["key"]?.string)
        try ServiceFixture.wait { try status(second) == 200 }
        let listed = try run(["key", "list", "--data", "data"])
        #expect(
            listed.output.contains("Ada") && listed.output.contains("60 requests a minute") && !listed.output.contains(text), "\(listed)")
        let database =
            try Data(contentsOf: folder.appendingPathComponent("data/fidediff.sqlite"))
            + Data(contentsOf: folder.appendingPathComponent("data/fidediff.sqlite-wal"))
        #expect(database.range(of: Data(id.utf8)) != nil && database.range(of: Data(text.utf8)) == nil, "the key itself is not stored")
        #expect(try run(["key", "revoke", id, "--data", "data"]).code == 0)
        try ServiceFixture.wait { try status(text) == 401 }
        #expect(try run(["key", "revoke", id, "--data", "data"]).code == 64)

        server.kill(SIGTERM)
        let ended = try server.result()
        #expect(ended.code == 0)
        let lines = try ended.errors.split(separator: "\n").map { try JSONValue(json: Data($0.utf8)) }
        #expect(lines.contains { $0["message"]?.string == "GET /v1/jobs" && $0["status"] == .integer(200) })
        #expect(lines.last?["message"] == .string("stopped"))
    }

    /// A service works; its folder is copied; the copy is sound and can be served.
    @Test func aServedFolderIsBackedUpAndRestored() throws {
        let server = try Executable(
            ["serve", "--port", "0", "--data", "data", "--model", model, "--log-level", "critical"], folder: folder)
        let port = try server.port()
        let client = try HTTPLoopbackClient(port: port)
        ServiceFixture.send(client, "POST", "/v1/deblur", try ServicePictures.picture())
        let answer = try client.answer()
        let id = try #require(answer.fields["fidediff-job"])

        let backup = try run(["backup", "copy", "--data", "data"])
        #expect(backup.code == 0 && backup.output.contains("1 jobs, 2 pictures"), "\(backup.output)\(backup.errors)")
        #expect(try run(["check", "--data", "data", "--repair", "--skip-model"]).code == 64, "a served folder is not repaired")
        #expect(try run(["check", "--data", "data", "--model", model]).code == 0)
        #expect(try run(["backup", "copy", "--data", "data"]).code == 1, "a backup is not written over")
        server.kill(SIGKILL)
        _ = try server.result()
        try FileManager.default.removeItem(at: folder.appendingPathComponent("data"))

        let check = try run(["check", "--data", "copy", "--model", model])
        #expect(check.code == 0 && check.output == "everything is in order\n", "\(check.output)\(check.errors)")
        let restored = try Executable(
            ["serve", "--port", "0", "--data", "copy", "--model", model, "--log-level", "critical"], folder: folder)
        let again = try HTTPLoopbackClient(port: restored.port())
        ServiceFixture.send(again, "GET", "/v1/jobs/\(id)/result")
        #expect(try again.answer().body == answer.body)
        restored.kill(SIGTERM)
        #expect(try restored.result().code == 0)
    }

    @Test func checkFindsAndRepairs() throws {
        let store = try JobStore(directory: folder.appendingPathComponent("data"), maxQueued: 10)
        let blobs = try BlobStore(directory: folder.appendingPathComponent("data/pictures"))
        let id = try Intake(jobs: store, blobs: blobs, maxPixels: 10_000).accept(ServicePictures.picture()).id
        try blobs.remove(id: id)
        try store.close()
        let found = try run(["check", "--data", "data", "--skip-model", "--json"])
        #expect(found.code == 1)
        let line = try JSONValue(json: Data(found.output.utf8))
        #expect(line["kind"] == .string("missing_input") && line["subject"] == .string(id))
        #expect(try run(["check", "--data", "data", "--skip-model", "--repair"]).code == 0)

        let broken = folder.appendingPathComponent("model")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: model), to: broken)
        try FileManager.default.removeItem(at: broken.appendingPathComponent("unet.safetensors"))
        let weights = try run(["check", "--data", "data", "--model", broken.path])
        #expect(weights.code == 1 && weights.output.contains("unet.safetensors"))
        #expect(try run(["check", "--data", "elsewhere"]).code == 1)
        #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("elsewhere").path), "looking makes nothing")
    }
}
