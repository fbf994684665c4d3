import Foundation
import Testing
@testable import Server

/// `fidediff serve` as a process.
@Suite(.timeLimit(.minutes(60))) struct ServeCommandTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder(withPhotographs: false)
    }

    private func write(_ json: String) throws -> String {
        let url = folder.url.appendingPathComponent("config.json")
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
        let result = try folder.run(
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
        #expect(
            settings(try folder.run(["serve", "--print-config"], ["FIDEDIFF_CONFIG": config]).output)["workers"] == ["2", "file \(config)"])
        #expect(
            settings(try folder.run(["serve", "--print-config", "--config", config, "--no-require-keys"]).output)["require-keys"] == [
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
            let result = try folder.run(["serve", "--config", write(json)], environment)
            #expect(result.code == 64 && result.errors.contains(expected), "\(json) \(environment): \(result.errors)")
        }
        #expect(try folder.run(["serve", "--config", "none.json"]).code == 64)
    }

    @Test func aModelThatCannotBeLoadedEndsTheService() throws {
        let broken = folder.url.appendingPathComponent("model")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: folder.model), to: broken)
        try FileManager.default.removeItem(at: broken.appendingPathComponent("vae.safetensors"))
        let result = try folder.run(["serve", "--port", "0", "--data", "data", "--model", broken.path])
        #expect(result.code == 1 && result.errors.contains("vae.safetensors") && result.output.hasPrefix("fidediff listens on"))
    }

    /// Killed without warning in the middle of the queue; the next process finishes every accepted job.
    @Test func acceptedJobsSurviveAKill() throws {
        let data = folder.path("data")
        let arguments = ["serve", "--port", "0", "--data", data, "--model", folder.model, "--log-level", "critical"]
        var ids: Set<String> = []
        do {
            let server = try Executable(arguments, folder: folder.url)
            let port = try server.port()
            // At once: while the weights are being read, pictures wait for them.
            for _ in 0..<4 {
                let client = try HTTPLoopbackClient(port: port)
                ServiceFixture.send(client, "POST", "/v1/jobs", try ServicePictures.picture(64, 64))
                let answer = try client.answer()
                #expect(answer.status == 202)
                ids.insert(try #require(try answer.json["id"]?.string))
            }
            // A second process must not touch the folder.
            let second = try Executable(arguments, folder: folder.url).result()
            #expect(second.code != 0 && second.errors.contains("another process serves"))
            server.kill(SIGKILL)
            #expect(try server.result().code == SIGKILL)
        }
        let server = try Executable(arguments, folder: folder.url)
        let port = try server.port()
        // A job behind the others: when it is answered, they are done (one worker, in order).
        let client = try HTTPLoopbackClient(port: port)
        ServiceFixture.send(client, "POST", "/v1/deblur", try ServicePictures.picture())
        #expect(try client.answer().status == 200)
        ServiceFixture.send(client, "GET", "/v1/jobs?state=succeeded")
        let done = try client.answer().json["jobs"]?.elements.compactMap { $0["id"]?.string } ?? []
        #expect(ids.isSubset(of: done))
        server.kill(SIGTERM)
        #expect(try server.result().code == 0)
    }
}
