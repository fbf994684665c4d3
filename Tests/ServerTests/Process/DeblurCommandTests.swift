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

    /// The format of a name without an extension is only known from the file: three ways in which it leads to another input.
    @Test func anInputWithoutAnExtensionCostsNoOtherFile() throws {
        let photo = try folder.data("in/a.png"), other = try folder.data("in/deep/c.png")
        try photo.write(to: folder.url.appendingPathComponent("p"))
        for name in ["p.png", "p-x.png"] { try other.write(to: folder.url.appendingPathComponent(name)) }
        let named = try folder.run("deblur", "--model", folder.model, "p.png", "-o", "p")
        #expect(named.code == 1 && named.errors.contains("p.png is an input or another picture's output"), "\(named.errors)")
        #expect(try folder.run("deblur", "--model", folder.model, "p", "p-x.png", "--suffix", "-x").code == 1)
        let two = try folder.run("deblur", "--model", folder.model, "--jobs", "2", "p", "p.png", "-o", "out")
        #expect(two.code == 1 && two.errors.contains("1 of 2 pictures done, 1 failed"), "\(two.errors)")
        #expect(folder.files("out") == ["p.png"])
        #expect(try folder.data("p") == photo && folder.data("p.png") == other && folder.data("p-x.png") == other)
    }

    @Test func whatCannotBeDoneIsRefusedBeforeTheWork() throws {
        let webp = try folder.run("deblur", "--model", "nowhere", "in/a.png", "-o", "out.webp")
        #expect(webp.code != 0 && webp.errors.contains("OUT ends in .webp"), "\(webp.errors)")
        let file = try folder.run("deblur", "--model", "nowhere", "in/a.png", "in/B.JPG", "-o", "bad.jpg")
        #expect(file.code != 0 && file.errors.contains("OUT is the file bad.jpg"), "\(file.errors)")
        let pipe = try folder.run("deblur", "--model", "nowhere", "in/a.png", "-o", "-")
        #expect(pipe.code != 0 && pipe.errors.contains("nothing is written to standard output"), "\(pipe.errors)")
    }

    /// A second run finds the outputs of the first below its input.
    @Test func outputsBelowTheInputAreNoInputs() throws {
        for _ in 0..<2 {
            let run = try folder.run("deblur", "--model", folder.model, "-r", "in", "-o", "in/out")
            #expect(run.code == 0 && run.errors.contains("3 of 3 pictures done, 0 failed"), "\(run.errors)")
            #expect(run.errors.contains("in: 1 left out that are neither JPEG nor PNG"))
        }
        #expect(folder.files("in/out") == ["a.png", "B.JPG", "deep/c.png"])
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

    /// As the interface's parameters of the same names.
    @Test func metadataStrengthAndPreviewAreAsInTheInterface() throws {
        let latitude = Data([48, 0, 0, 0, 1, 0, 0, 0, 51, 0, 0, 0, 1, 0, 0, 0, 29, 0, 0, 0, 1, 0, 0, 0])
        // A main directory of the link to a GPS directory, at 26, whose latitude lies at 44.
        let main: [UInt8] = [8, 0, 0, 0, 1, 0, 0x25, 0x88, 4, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0]
        let gps: [UInt8] = [1, 0, 2, 0, 5, 0, 3, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0]
        let exif = Data("Exif\0\0II*\0".utf8) + main + gps + latitude
        let plain = try folder.data("in/B.JPG")
        let file = plain.prefix(2) + [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif + plain.dropFirst(2)
        try file.write(to: folder.url.appendingPathComponent("g.jpg"))
        func deblur(_ more: [String]) throws -> (code: Int32, output: String, errors: String) {
            try folder.run(["deblur", "--model", folder.model, "--json", "g.jpg", "-o", "o.jpg"] + more)
        }
        let kept = try deblur(["--strength", "0"])
        #expect(try kept.code == 0 && folder.data("o.jpg") == file, "\(kept.errors)")
        let line = try #require(try folder.lines(kept.output).first)
        #expect(line["predicted_timestep"] == nil && line["unchanged"] == .bool(true))
        for policy in ["strip", "strip-gps"] {
            for strength in ["0", "0.5"] {
                #expect(try deblur(["--metadata", policy, "--strength", strength]).code == 0)
                #expect(try folder.data("o.jpg").range(of: latitude) == nil, "\(policy)")
            }
        }
        #expect(try deblur(["--preview", "24"]).code == 0)
        let preview = try folder.data("o.jpg")
        #expect(try ImageInfo(of: preview).width == 24 && preview.range(of: latitude) != nil)
        for (wrong, message) in [
            (["--strength", "1.1"], "use 0 to 1"), (["--metadata", "some"], "keep"), (["--preview", "15"], "16 to 8192"),
            (["--preview", "24", "--compare"], "leave one of them out"),
        ] {
            let run = try deblur(wrong)
            #expect(run.code == 64 && run.errors.contains(message), "\(run.errors)")
        }
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
