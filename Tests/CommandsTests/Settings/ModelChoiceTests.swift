import ArgumentParser
import Commands
import Engine
import Foundation
import TestSupport
import Testing

/// Which weights are meant, and what is refused before they are read.
@Suite(.timeLimit(.minutes(60))) struct ModelChoiceTests {
    @Test(arguments: [
        (["--views", "3"], "--views is 3; use 1, 2, 4 or 8"), (["--threads", "0"], "--threads is 0; use 1 or more"),
        (["--memory-mib", "0"], "--memory-mib is 0; use 1 to 1073741824"),
        (["--max-pixels", "255"], "--max-pixels is 255; use 256 or more"),
    ])
    func impossibleValuesAreRefused(arguments: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try ModelChoice.parse(arguments) }
        #expect(error.map { ModelChoice.message(for: $0) } == message)
    }

    @Test func limitsHaveTheirUnits() throws {
        let choice = try ModelChoice.parse(["--memory-mib", "512", "--max-pixels", "1000"])
        #expect(choice.memoryLimit == 512 << 20 && choice.pixelLimit == 1000)
        #expect(try ModelChoice.parse([]).memoryLimit == nil && ModelChoice.parse([]).pixelLimit == ImageInfo.defaultMaxPixels)
    }

    @Test func theFlagNamesTheFolder() throws {
        #expect(try ModelChoice.parse(["--model", "/srv/weights"]).directory().path == "/srv/weights")
    }

    @Test func aFolderThatCannotBeLoadedIsNamed() throws {
        let folder = try ScratchFolder()
        let error = #expect(throws: ModelChoice.Unusable.self) { try ModelChoice.parse(["--model", folder.url.path]).load() }
        #expect(error?.description.hasPrefix("the model in \(folder.url.path) cannot be loaded:\n") == true)
    }

    @Test func loadsWhatIsSound() throws {
        let tiny = Repository.folder.appendingPathComponent("Tests/Fixtures/tiny", isDirectory: true)
        #expect(try ModelChoice.parse(["--model", tiny.path, "--threads", "1"]).load().modelName == "tiny")
    }
}
