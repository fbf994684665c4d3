import Foundation
import Testing
@testable import Engine

/// `fidediff blur-level` as people run it.
@Suite(.timeLimit(.minutes(60))) struct BlurLevelCommandTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder()
    }

    @Test func saysHowBlurred() throws {
        let run = try folder.run("blur-level", "--model", folder.model, "--json", folder.path("in/a.png"))
        #expect(run.code == 0)
        let line = try JSONValue(json: Data(run.output.utf8))
        let level = try Deblurrer(modelDirectory: URL(fileURLWithPath: folder.model)).blurLevel(of: ServicePictures.picture())
        #expect(line["predicted_timestep"] == .integer(level.timestep))
        #expect(line["description"] == .string(level.description))
        #expect(line["output"] == .null && line["unchanged"] == nil)
    }

    @Test func sortsFromSharpToBlurred() throws {
        let plain = try folder.lines(try folder.run("blur-level", "--model", folder.model, "--json", "-r", "in").output)
        let run = try folder.run("blur-level", "--model", folder.model, "--json", "--sort", "--jobs", "2", "-r", "in", "missing.png")
        #expect(run.code == 1 && run.errors.contains("3 of 4 pictures done, 1 failed"))
        let levels = try folder.lines(run.output).compactMap { $0["predicted_timestep"]?.integer }
        #expect(levels == levels.sorted() && levels.count == 3)
        #expect(levels == plain.compactMap { $0["predicted_timestep"]?.integer }.sorted())
    }
}
