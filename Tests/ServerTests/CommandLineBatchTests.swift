import Foundation
import Storage
import Testing
@testable import Engine

/// Folders, patterns, names and several pictures at a time.
@Suite(.timeLimit(.minutes(60))) struct CommandLineBatchTests {
    private let folder: URL
    private let model = GatedEngine.fixtures.appendingPathComponent("tiny").path

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-batch-\(JobID.make())")
        for (name, picture) in [
            ("in/a.png", try ServicePictures.picture()), ("in/B.JPG", try ServicePictures.picture(format: .jpeg)),
            ("in/deep/c.png", try ServicePictures.picture(64, 48)), ("in/notes.txt", Data("no picture".utf8)),
            ("in/.hidden.png", Data()), ("empty/notes.txt", Data()),
        ] {
            let url = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try picture.write(to: url)
        }
    }

    private func run(_ arguments: String...) throws -> (code: Int32, output: String, errors: String) {
        try Executable(arguments, folder: folder).result()
    }

    /// Of `folder`, without the process's own output.
    private func files(_ below: String) -> Set<String> {
        let found = FileManager.default.enumerator(atPath: folder.appendingPathComponent(below).path)?.compactMap { $0 as? String } ?? []
        return Set(found.filter { $0.contains(".") })
    }

    private func lines(_ output: String) throws -> [JSONValue] {
        try output.split(separator: "\n").map { try JSONValue(json: Data($0.utf8)) }
    }

    @Test func takesAFolder() throws {
        let run = try run("deblur", "--model", model, "--json", "in", "-o", "out")
        #expect(run.code == 0, "\(run.errors)")
        #expect(files("out") == ["a.png", "B.JPG"])
        #expect(try lines(run.output).count == 2)
        #expect(run.errors.contains("2 of 2 pictures done, 0 failed"))
    }

    @Test func goesIntoFoldersWhenAsked() throws {
        #expect(try run("deblur", "--model", model, "-r", "in/", "-o", "out").code == 0)
        #expect(files("out") == ["a.png", "B.JPG", "deep/c.png"])
    }

    @Test func resolvesPatternsWhereNoShellDid() throws {
        let run = try run("deblur", "--model", model, "--json", "in/*.png", "in/deep/?.png", "nothing/*.jpg", "empty", "-o", "out")
        #expect(run.code == 1)
        #expect(files("out") == ["a.png", "c.png"])
        #expect(run.errors.contains("nothing/*.jpg: matches no file") && run.errors.contains("empty: no JPEG or PNG in this folder"))
        #expect(run.errors.contains("2 of 4 pictures done, 2 failed"))
    }

    @Test func writesBesideItsInputsAndNotTwice() throws {
        for _ in 0..<2 {
            let run = try run("deblur", "--model", model, "in", "--suffix", "-sharp")
            #expect(run.code == 0 && run.errors.contains("2 of 2 pictures done"))
            #expect(files("in") == ["a.png", "a-sharp.png", "B.JPG", "B-sharp.JPG", "deep/c.png", "notes.txt", ".hidden.png"])
        }
        #expect(try run("deblur", "--model", model, "in/a.png", "--suffix", "2", "-o", "out.png", "--format", "png").code == 0)
        #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("out2.png").path))
    }

    @Test func putsBeforeAndAfterSideBySide() throws {
        let run = try run("deblur", "--model", model, "--json", "--compare", "in/a.png", "-o", "out/")
        #expect(run.code == 0)
        #expect(files("out") == ["a.png", "a-compare.png"])
        let place = try #require(try lines(run.output).first?["comparison"]?.string)
        #expect(place == folder.appendingPathComponent("out/a-compare.png").path)
        let read = { try PhotographDecoder.decode(Data(contentsOf: folder.appendingPathComponent($0))) }
        let (joined, before, after) = (try read("out/a-compare.png"), try read("in/a.png"), try read("out/a.png"))
        #expect(joined.width == 2 * 48 + 2 && joined.height == 32)
        #expect(joined.planes(x: 0, y: 0, width: 48, height: 32) == before.planes(x: 0, y: 0, width: 48, height: 32))
        #expect(joined.planes(x: 50, y: 0, width: 48, height: 32) == after.planes(x: 0, y: 0, width: 48, height: 32))
        #expect(joined.planes(x: 48, y: 0, width: 2, height: 32).allSatisfy { $0 == 1 })
    }

    /// The drawing that GET /v1/jobs/{id}/kernels gives, always a PNG.
    @Test func drawsTheMotion() throws {
        let run = try run("deblur", "--model", model, "--json", "--kernels", "in", "-o", "out")
        #expect(run.code == 0, "\(run.errors)")
        #expect(files("out") == ["a.png", "a-kernels.png", "B.JPG", "B-kernels.png"])
        let report = try #require(try lines(run.output).first { $0["input"]?.string == "in/B.JPG" })
        #expect(report["kernels"]?.string == folder.appendingPathComponent("out/B-kernels.png").path)

        let fixture = try ServiceFixture(), input = try Data(contentsOf: folder.appendingPathComponent("in/B.JPG"))
        let id = try fixture.submit(input)
        let drawing = try fixture.call("GET", "/v1/jobs/\(id)/kernels")
        #expect(try Data(drawing.body) == Data(contentsOf: folder.appendingPathComponent("out/B-kernels.png")))
        #expect(drawing.fields["fidediff-motion-scale"].flatMap(Double.init) == report["kernels_scale"]?.number)
        #expect(try lines(try self.run("deblur", "--model", model, "--json", "in/a.png", "-o", "plain/").output).first?["kernels"] == nil)
    }

    /// What an earlier run has written beside its inputs is no input.
    @Test func companionsAreNotTakenForPhotographs() throws {
        for _ in 0..<2 {
            let run = try run("deblur", "--model", model, "in", "--suffix", "-sharp", "--compare", "--kernels")
            #expect(run.code == 0 && run.errors.contains("2 of 2 pictures done"), "\(run.errors)")
        }
        #expect(
            files("in") == [
                "a.png", "a-sharp.png", "a-sharp-compare.png", "a-sharp-kernels.png", "B.JPG", "B-sharp.JPG", "B-sharp-compare.JPG",
                "B-sharp-kernels.png",
                "deep/c.png", "notes.txt", ".hidden.png",
            ])
    }

    @Test func aDrawingIsNotWrittenOverAnInput() throws {
        try FileManager.default.copyItem(
            at: folder.appendingPathComponent("in/a.png"), to: folder.appendingPathComponent("in/a-kernels.png"))
        let run = try run("deblur", "--model", model, "--kernels", "in/a.png", "in/a-kernels.png", "-o", "in/")
        #expect(run.code == 1 && run.errors.contains("is an input or another picture's output"))
        #expect(
            try Data(contentsOf: folder.appendingPathComponent("in/a-kernels.png"))
                == Data(contentsOf: folder.appendingPathComponent("in/a.png")))
    }

    @Test func severalAtATimeGiveTheSameBytes() throws {
        #expect(try run("deblur", "--model", model, "-r", "in", "-o", "one").code == 0)
        let several = try run("deblur", "--model", model, "--json", "--jobs", "3", "-r", "in", "-o", "three")
        #expect(several.code == 0)
        #expect(try Set(lines(several.output).compactMap { $0["input"]?.string }) == ["in/a.png", "in/B.JPG", "in/deep/c.png"])
        for name in ["a.png", "B.JPG", "deep/c.png"] {
            let (one, three) = (folder.appendingPathComponent("one/\(name)"), folder.appendingPathComponent("three/\(name)"))
            #expect(try Data(contentsOf: one) == Data(contentsOf: three), "\(name)")
        }
    }

    @Test func twoInputsOfOneNameDoNotMeet() throws {
        try FileManager.default.copyItem(at: folder.appendingPathComponent("in/a.png"), to: folder.appendingPathComponent("in/deep/a.png"))
        let run = try run("deblur", "--model", model, "in/a.png", "in/deep/a.png", "-o", "out")
        #expect(run.code == 1 && run.errors.contains("another picture's output"))
        #expect(files("out") == ["a.png"])
    }

    @Test func sortsFromSharpToBlurred() throws {
        let plain = try lines(try run("blur-level", "--model", model, "--json", "-r", "in").output)
        let run = try run("blur-level", "--model", model, "--json", "--sort", "--jobs", "2", "-r", "in", "missing.png")
        #expect(run.code == 1 && run.errors.contains("3 of 4 pictures done, 1 failed"))
        let levels = try lines(run.output).compactMap { $0["predicted_timestep"]?.integer }
        #expect(levels == levels.sorted() && levels.count == 3)
        #expect(levels == plain.compactMap { $0["predicted_timestep"]?.integer }.sorted())
    }

    @Test(arguments: [
        ["deblur", "in"], ["deblur", "in", "-o", "out", "--jobs", "0"], ["deblur", "in", "--suffix", "a/b"],
        ["blur-level", "in", "--jobs", "257"],
        ["health", "--url", "ftp://localhost/"], ["health", "--timeout-seconds", "0"],
    ])
    func badArgumentsAreExplained(arguments: [String]) throws {
        let result = try Executable(arguments, folder: folder).result()
        #expect(result.code == 64 && result.errors.contains("Usage:"), "\(result.errors)")
    }

    @Test func differentSizesDoNotStandSideBySide() throws {
        let (a, b) = (
            try PhotographDecoder.decode(ServicePictures.picture()), try PhotographDecoder.decode(ServicePictures.picture(64, 48))
        )
        #expect(throws: ImageError.self) { try SideBySide.join(a, b) }
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completesInEveryShell(shell: String) throws {
        let run = try run("--generate-completion-script", shell)
        #expect(run.code == 0)
        for word in ["deblur", "blur-level", "serve", "health", "suffix", "compare", "kernels", "jpeg"] {
            #expect(run.output.contains(word), "\(shell) \(word)")
        }
    }

    // health

    @Test func asksARunningService() throws {
        let fixture = try ServiceFixture()
        let well = try run("health", "--url", "http://127.0.0.1:\(fixture.port)/healthz")
        #expect(well.code == 0 && well.output.contains("answers 200"))
        #expect(try run("health", "--url", "http://localhost:\(fixture.port)/readyz").code == 0)
        let missing = try run("health", "--url", "http://127.0.0.1:\(fixture.port)/nothing")
        #expect(missing.code == 1 && missing.output.contains("answers 404"))
    }

    @Test func noticesWhatDoesNotAnswer() throws {
        // Nothing listens on a reserved port; a service that was stopped neither.
        #expect(try run("health", "--url", "http://127.0.0.1:1/").errors.contains("no connection"))
        #expect(try run("health", "--url", "http://no-such-host.invalid/").errors.contains("the host is not known"))
    }
}
