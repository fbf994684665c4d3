import Commands
import Foundation
import Testing

/// Which data folder a command beside the service means.
@Suite(.timeLimit(.minutes(60))) struct DataChoiceTests {
    @Test func theFlagGoesBeforeTheFile() throws {
        let folder = try ScratchFolder()
        try Data(#"{"data": "/srv/pictures", "workers": 3}"#.utf8).write(to: folder.url.appendingPathComponent("config.json"))
        let config = folder.path("config.json")
        #expect(try DataChoice.parse(["--config", config, "--data", "/tmp/other"]).directory(environment: [:]).path == "/tmp/other")
        #expect(
            try DataChoice.parse(["--config", config]).directory(environment: [:]).path == "/srv/pictures", "other settings are left alone")
        #expect(
            try DataChoice.parse([]).directory(environment: ["FIDEDIFF_CONFIG": config, "FIDEDIFF_DATA": "/srv/data"]).path == "/srv/data")
    }

    @Test func withoutAnyItIsInTheCurrentFolder() throws {
        let found = try DataChoice.parse([]).directory(environment: [:])
        #expect(found.lastPathComponent == DataChoice.standard)
        #expect(found.deletingLastPathComponent().standardizedFileURL.path == FileManager.default.currentDirectoryPath)
    }
}
