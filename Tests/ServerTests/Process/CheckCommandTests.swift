import Foundation
import Storage
import Testing
@testable import Server

/// `fidediff check` on a folder that is not sound.
@Suite(.timeLimit(.minutes(60))) struct CheckCommandTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder(withPhotographs: false)
    }

    @Test func checkFindsAndRepairs() throws {
        let store = try JobStore(directory: folder.url.appendingPathComponent("data"), maxQueued: 10)
        let blobs = try BlobStore(directory: folder.url.appendingPathComponent("data/pictures"))
        let id = try Intake(jobs: store, blobs: blobs, maxPixels: 10_000).accept(ServicePictures.picture()).id
        try blobs.remove(id: id)
        try store.close()
        let found = try folder.run(["check", "--data", "data", "--skip-model", "--json"])
        #expect(found.code == 1)
        let line = try JSONValue(json: Data(found.output.utf8))
        #expect(line["kind"] == .string("missing_input") && line["subject"] == .string(id))
        #expect(try folder.run(["check", "--data", "data", "--skip-model", "--repair"]).code == 0)

        let broken = folder.url.appendingPathComponent("model")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: folder.model), to: broken)
        try FileManager.default.removeItem(at: broken.appendingPathComponent("unet.safetensors"))
        let weights = try folder.run(["check", "--data", "data", "--model", broken.path])
        #expect(weights.code == 1 && weights.output.contains("unet.safetensors"))
        #expect(try folder.run(["check", "--data", "elsewhere"]).code == 1)
        #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("elsewhere").path), "looking makes nothing")
    }
}
