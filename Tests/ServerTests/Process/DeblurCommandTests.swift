import Foundation
import Testing
@testable import Engine

/// `fidediff deblur` as people run it.
@Suite(.timeLimit(.minutes(60))) struct DeblurCommandTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder()
    }

    @Test func deblursSeveralAndGoesOnPastABadOne() throws {
        let run = try folder.run(
            "deblur", "--model", folder.model, "--json", folder.path("in/a.png"), folder.path("bad.jpg"), folder.path("in/B.JPG"), "-o",
            folder.path("out"))
        #expect(run.code == 1)
        let lines = try run.output.split(separator: "\n").map { try JSONValue(json: Data($0.utf8)) }
        #expect(lines.map { $0["input"] } == [.string(folder.path("in/a.png")), .string(folder.path("in/B.JPG"))])
        for line in lines {
            #expect(line["width"] == .integer(48) && line["height"] == .integer(32))
            #expect(line["predicted_timestep"]?.integer != nil && line["seconds"]?.number != nil)
            #expect(line["unchanged"] == .bool(false) && line["reblur_psnr"]?.number != nil)
            let written = try Data(contentsOf: URL(fileURLWithPath: line["output"]?.string ?? ""))
            #expect(try ImageInfo(of: written).width == 48)
        }
        #expect(lines.map { $0["output"] } == [.string(folder.path("out/a.png")), .string(folder.path("out/B.JPG"))])
        #expect(run.errors.contains("bad.jpg") && run.errors.contains("2 of 3 pictures done, 1 failed"))
        #expect(!run.errors.contains("\u{1B}"), "a progress bar where there is no terminal")
    }

    @Test func theOutputsNameDecidesItsFormat() throws {
        #expect(try folder.run("deblur", "--model", folder.model, folder.path("in/a.png"), "-o", folder.path("c.jpg")).code == 0)
        #expect(try ImageInfo(of: Data(contentsOf: URL(fileURLWithPath: folder.path("c.jpg")))).format == .jpeg)
        #expect(
            try folder.run("deblur", "--model", folder.model, "--timestep", "400", folder.path("in/a.png"), "-o", folder.path("d.png")).code
                == 0)
        #expect(
            try folder.run("deblur", "--model", folder.model, "--timestep", "auto", folder.path("in/a.png"), "-o", folder.path("e.png"))
                .code == 0)
        #expect(try folder.data("d.png") != folder.data("e.png"))
    }

    @Test func neverWritesOverItsInput() throws {
        let before = try folder.data("in/a.png")
        #expect(try folder.run("deblur", "--model", folder.model, folder.path("in/a.png"), "-o", folder.path("in")).code == 1)
        #expect(try folder.data("in/a.png") == before)
    }

    @Test func takesAFolder() throws {
        let run = try folder.run("deblur", "--model", folder.model, "--json", "in", "-o", "out")
        #expect(run.code == 0, "\(run.errors)")
        #expect(folder.files("out") == ["a.png", "B.JPG"])
        #expect(try folder.lines(run.output).count == 2)
        #expect(run.errors.contains("2 of 2 pictures done, 0 failed"))
    }

    @Test func goesIntoFoldersWhenAsked() throws {
        #expect(try folder.run("deblur", "--model", folder.model, "-r", "in/", "-o", "out").code == 0)
        #expect(folder.files("out") == ["a.png", "B.JPG", "deep/c.png"])
    }

    @Test func resolvesPatternsWhereNoShellDid() throws {
        let run = try folder.run(
            "deblur", "--model", folder.model, "--json", "in/*.png", "in/deep/?.png", "nothing/*.jpg", "empty", "-o", "out")
        #expect(run.code == 1)
        #expect(folder.files("out") == ["a.png", "c.png"])
        #expect(run.errors.contains("nothing/*.jpg: matches no file") && run.errors.contains("empty: no JPEG or PNG in this folder"))
        #expect(run.errors.contains("2 of 4 pictures done, 2 failed"))
    }

    @Test func writesBesideItsInputsAndNotTwice() throws {
        for _ in 0..<2 {
            let run = try folder.run("deblur", "--model", folder.model, "in", "--suffix", "-sharp")
            #expect(run.code == 0 && run.errors.contains("2 of 2 pictures done"))
            #expect(folder.files("in") == ["a.png", "a-sharp.png", "B.JPG", "B-sharp.JPG", "deep/c.png", "notes.txt", ".hidden.png"])
        }
        #expect(
            try folder.run("deblur", "--model", folder.model, "in/a.png", "--suffix", "2", "-o", "out.png", "--format", "png").code == 0)
        #expect(FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("out2.png").path))
    }

    @Test func putsBeforeAndAfterSideBySide() throws {
        let run = try folder.run("deblur", "--model", folder.model, "--json", "--compare", "in/a.png", "-o", "out/")
        #expect(run.code == 0)
        #expect(folder.files("out") == ["a.png", "a-compare.png"])
        let place = try #require(try folder.lines(run.output).first?["comparison"]?.string)
        #expect(place == folder.url.appendingPathComponent("out/a-compare.png").path)
        let read = { try PhotographDecoder.decode(Data(contentsOf: folder.url.appendingPathComponent($0))) }
        let (joined, before, after) = (try read("out/a-compare.png"), try read("in/a.png"), try read("out/a.png"))
        #expect(joined.width == 2 * 48 + 2 && joined.height == 32)
        #expect(joined.planes(x: 0, y: 0, width: 48, height: 32) == before.planes(x: 0, y: 0, width: 48, height: 32))
        #expect(joined.planes(x: 50, y: 0, width: 48, height: 32) == after.planes(x: 0, y: 0, width: 48, height: 32))
        #expect(joined.planes(x: 48, y: 0, width: 2, height: 32).allSatisfy { $0 == 1 })
    }

    /// The drawing that GET /v1/jobs/{id}/kernels gives, always a PNG.
    @Test func drawsTheMotion() throws {
        let run = try folder.run("deblur", "--model", folder.model, "--json", "--kernels", "in", "-o", "out")
        #expect(run.code == 0, "\(run.errors)")
        #expect(folder.files("out") == ["a.png", "a-kernels.png", "B.JPG", "B-kernels.png"])
        let report = try #require(try folder.lines(run.output).first { $0["input"]?.string == "in/B.JPG" })
        #expect(report["kernels"]?.string == folder.url.appendingPathComponent("out/B-kernels.png").path)

        let fixture = try ServiceFixture(), input = try Data(contentsOf: folder.url.appendingPathComponent("in/B.JPG"))
        let id = try fixture.submit(input)
        let drawing = try fixture.call("GET", "/v1/jobs/\(id)/kernels")
        #expect(try Data(drawing.body) == Data(contentsOf: folder.url.appendingPathComponent("out/B-kernels.png")))
        #expect(drawing.fields["fidediff-motion-scale"].flatMap(Double.init) == report["kernels_scale"]?.number)
        #expect(
            try folder.lines(try folder.run("deblur", "--model", folder.model, "--json", "in/a.png", "-o", "plain/").output).first?[
                "kernels"] == nil)
    }

    /// What an earlier run has written beside its inputs is no input.
    @Test func companionsAreNotTakenForPhotographs() throws {
        for _ in 0..<2 {
            let run = try folder.run("deblur", "--model", folder.model, "in", "--suffix", "-sharp", "--compare", "--kernels")
            #expect(run.code == 0 && run.errors.contains("2 of 2 pictures done"), "\(run.errors)")
        }
        #expect(
            folder.files("in") == [
                "a.png", "a-sharp.png", "a-sharp-compare.png", "a-sharp-kernels.png", "B.JPG", "B-sharp.JPG", "B-sharp-compare.JPG",
                "B-sharp-kernels.png",
                "deep/c.png", "notes.txt", ".hidden.png",
            ])
    }

    @Test func aDrawingIsNotWrittenOverAnInput() throws {
        try FileManager.default.copyItem(
            at: folder.url.appendingPathComponent("in/a.png"), to: folder.url.appendingPathComponent("in/a-kernels.png"))
        let run = try folder.run("deblur", "--model", folder.model, "--kernels", "in/a.png", "in/a-kernels.png", "-o", "in/")
        #expect(run.code == 1 && run.errors.contains("is an input or another picture's output"))
        #expect(
            try folder.data("in/a-kernels.png") == folder.data("in/a.png"))
    }

    @Test func severalAtATimeGiveTheSameBytes() throws {
        #expect(try folder.run("deblur", "--model", folder.model, "-r", "in", "-o", "one").code == 0)
        let several = try folder.run("deblur", "--model", folder.model, "--json", "--jobs", "3", "-r", "in", "-o", "three")
        #expect(several.code == 0)
        #expect(try Set(folder.lines(several.output).compactMap { $0["input"]?.string }) == ["in/a.png", "in/B.JPG", "in/deep/c.png"])
        for name in ["a.png", "B.JPG", "deep/c.png"] {
            let (one, three) = (folder.url.appendingPathComponent("one/\(name)"), folder.url.appendingPathComponent("three/\(name)"))
            #expect(try Data(contentsOf: one) == Data(contentsOf: three), "\(name)")
        }
    }

    @Test func twoInputsOfOneNameDoNotMeet() throws {
        try FileManager.default.copyItem(
            at: folder.url.appendingPathComponent("in/a.png"), to: folder.url.appendingPathComponent("in/deep/a.png"))
        let run = try folder.run("deblur", "--model", folder.model, "in/a.png", "in/deep/a.png", "-o", "out")
        #expect(run.code == 1 && run.errors.contains("another picture's output"))
        #expect(folder.files("out") == ["a.png"])
    }
}
