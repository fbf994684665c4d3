import Commands
import Testing

/// What deblur and blur-level take alike.
@Suite(.timeLimit(.minutes(60))) struct PictureArgumentsTests {
    @Test(arguments: [("0", false), ("1", true), ("256", true), ("257", false), ("-1", false)])
    func jobsHaveALimit(jobs: String, isPossible: Bool) throws {
        let arguments = ["a.png", "--jobs=\(jobs)"]
        if isPossible { return #expect(try PictureArguments.parse(arguments).jobs == Int(jobs)) }
        let error = #expect(throws: (any Error).self) { try PictureArguments.parse(arguments) }
        #expect(error.map { PictureArguments.message(for: $0) } == "--jobs is \(jobs); use 1 to 256")
    }

    @Test func foldersAreEnteredWhenAsked() throws {
        let folder = try ScratchFolder()
        try folder.write("a.png", "deep/b.png")
        #expect(try PictureArguments.parse([folder.url.path]).inputs().count == 1)
        #expect(try PictureArguments.parse(["-r", folder.url.path]).inputs().count == 2)
        #expect(try PictureArguments.parse(["-r", folder.url.path]).inputs(ignoredSuffixes: ["b"]).count == 1)
    }

    @Test func withoutAPictureThereIsNothingToDo() {
        #expect(throws: (any Error).self) { try PictureArguments.parse([]) }
    }
}
