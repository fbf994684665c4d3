import Foundation
import Storage
import Testing
@testable import Engine

/// The executable as people run it.
@Suite(.timeLimit(.minutes(60))) struct CommandLineTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-cli-\(JobID.make())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, picture) in [("a.png", try ServicePictures.picture()), ("b.jpg", try ServicePictures.picture(format: .jpeg))] {
            try picture.write(to: folder.appendingPathComponent(name))
        }
        try Data("no picture".utf8).write(to: folder.appendingPathComponent("bad.jpg"))
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func run(_ arguments: String...) throws -> (code: Int32, output: String, errors: String) {
        let run = try Executable(arguments, folder: folder)
        return try run.result()
    }

    @Test func deblursSeveralAndGoesOnPastABadOne() throws {
        let model = GatedEngine.fixtures.appendingPathComponent("tiny").path
        let run = try run("deblur", "--model", model, "--json", path("a.png"), path("bad.jpg"), path("b.jpg"), "-o", path("out"))
        #expect(run.code == 1)
        let lines = try run.output.split(separator: "\n").map { try JSONValue(json: Data($0.utf8)) }
        #expect(lines.map { $0["input"] } == [.string(path("a.png")), .string(path("b.jpg"))])
        for line in lines {
            #expect(line["width"] == .integer(48) && line["height"] == .integer(32))
            #expect(line["predicted_timestep"]?.integer != nil && line["seconds"]?.number != nil)
            #expect(line["unchanged"] == .bool(false) && line["reblur_psnr"]?.number != nil)
            let written = try Data(contentsOf: URL(fileURLWithPath: line["output"]?.string ?? ""))
            #expect(try ImageInfo(of: written).width == 48)
        }
        #expect(lines.map { $0["output"] } == [.string(path("out/a.png")), .string(path("out/b.jpg"))])
        #expect(run.errors.contains("bad.jpg") && run.errors.contains("2 of 3 pictures done, 1 failed"))
        #expect(!run.errors.contains("\u{1B}"), "a progress bar where there is no terminal")
    }

    @Test func theOutputsNameDecidesItsFormat() throws {
        let model = GatedEngine.fixtures.appendingPathComponent("tiny").path
        #expect(try run("deblur", "--model", model, path("a.png"), "-o", path("c.jpg")).code == 0)
        #expect(try ImageInfo(of: Data(contentsOf: URL(fileURLWithPath: path("c.jpg")))).format == .jpeg)
        #expect(try run("deblur", "--model", model, "--timestep", "400", path("a.png"), "-o", path("d.png")).code == 0)
        #expect(try run("deblur", "--model", model, "--timestep", "auto", path("a.png"), "-o", path("e.png")).code == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path("d.png"))) != Data(contentsOf: URL(fileURLWithPath: path("e.png"))))
    }

    @Test func neverWritesOverItsInput() throws {
        let model = GatedEngine.fixtures.appendingPathComponent("tiny").path
        let before = try Data(contentsOf: URL(fileURLWithPath: path("a.png")))
        #expect(try run("deblur", "--model", model, path("a.png"), "-o", folder.path).code == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path("a.png"))) == before)
    }

    @Test func saysHowBlurred() throws {
        let model = GatedEngine.fixtures.appendingPathComponent("tiny").path
        let run = try run("blur-level", "--model", model, "--json", path("a.png"))
        #expect(run.code == 0)
        let line = try JSONValue(json: Data(run.output.utf8))
        let level = try Deblurrer(modelDirectory: URL(fileURLWithPath: model)).blurLevel(of: ServicePictures.picture())
        #expect(line["predicted_timestep"] == .integer(level.timestep))
        #expect(line["description"] == .string(level.description))
        #expect(line["output"] == .null && line["unchanged"] == nil)
    }

    @Test(arguments: [
        ["deblur", "a.png", "-o", "x.png", "--timestep", "1000"], ["deblur", "a.png", "-o", "x.png", "--quality", "0"],
        ["deblur", "a.png"], ["deblur", "a.png", "-o", "x.png", "--format", "gif"], ["serve", "--workers", "0"],
        ["serve", "--port", "65536"],
    ])
    func badArgumentsAreExplained(arguments: [String]) throws {
        let result = try Executable(arguments, folder: folder).result()
        #expect(result.code == 64)  // EX_USAGE
        #expect(result.errors.contains("Usage:"))
    }

    @Test func inspectsAndVerifiesModels() throws {
        let model = GatedEngine.fixtures.appendingPathComponent("tiny")
        let good = try run("model", "inspect", model.path)
        #expect(good.code == 0 && good.output.contains("can be loaded") && good.output.contains("unet"))
        let stages = model.appendingPathComponent("stages.safetensors").path
        let verified = try run("model", "verify", model.path, "--stages", stages)
        #expect(verified.code == 0 && verified.output.contains("latent_clean"))
        #expect(try run("model", "verify", model.path, "--stages", stages, "--tolerance", "0").code == 1)

        let damaged = folder.appendingPathComponent("model")
        try FileManager.default.copyItem(at: model, to: damaged)
        try FileManager.default.removeItem(at: damaged.appendingPathComponent("vae.safetensors"))
        #expect(try run("model", "inspect", model.path, "--size", "640x360").output.contains("640x360"))
        for wrong in ["640", "640x", "x360", "640x360x3", "-640x360", "8x8"] {
            #expect(try run("model", "inspect", model.path, "--size=\(wrong)").code != 0, "\(wrong)")
        }
        let bad = try run("model", "inspect", damaged.path, "--json")
        #expect(bad.code == 1)
        let refused = try run("blur-level", "--model", damaged.path, path("a.png"))
        #expect(refused.code == 1 && refused.errors.contains(damaged.path) && refused.errors.contains("vae.safetensors"))
        #expect(try JSONValue(json: Data(bad.output.utf8))["problems"]?.strings.contains { $0.contains("vae.safetensors") } == true)
    }

    /// Killed without warning in the middle of the queue; the next process finishes every accepted job.
    @Test func acceptedJobsSurviveAKill() throws {
        let model = GatedEngine.fixtures.appendingPathComponent("tiny").path
        let data = path("data")
        let arguments = ["serve", "--port", "0", "--data", data, "--model", model, "--log-level", "critical"]
        var ids: Set<String> = []
        do {
            let server = try Executable(arguments, folder: folder)
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
            let second = try Executable(arguments, folder: folder).result()
            #expect(second.code != 0 && second.errors.contains("another process serves"))
            server.kill(SIGKILL)
            #expect(try server.result().code == SIGKILL)
        }
        let server = try Executable(arguments, folder: folder)
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
