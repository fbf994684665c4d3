import ArgumentParser
import Commands
import Engine
import Foundation
import Glibc
import Testing

/// Where outputs go, and what is never written over.
@Suite(.timeLimit(.minutes(60))) struct OutputPlanTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        try folder.write("in/a.png", "in/b.JPG", "other/a.png")
    }

    private func plan(
        _ inputs: [String], to output: String?, suffix: String = "", format: ImageFormat? = nil, companions: [OutputPlan.Companion] = [],
        isRecursive: Bool = false
    ) throws -> OutputPlan {
        try OutputPlan(
            inputs: PictureInputs(inputs.map(folder.path), isRecursive: isRecursive),
            // A slash at the end means a folder; URL would drop it.
            output: output.map { folder.url.path + "/" + $0 }, suffix: suffix, format: format, companions: companions)
    }

    /// Below the scratch folder; the reason where there is no place.
    private func place(_ plan: OutputPlan, _ index: Int = 0) -> String {
        do {
            return try plan.destination(index).path.replacingOccurrences(of: folder.url.path + "/", with: "")
        } catch {
            return "\(error)"
        }
    }

    /// What is said of a plan that cannot be.
    private func refusal(_ inputs: [String], to output: String, format: ImageFormat? = nil) -> String? {
        do {
            _ = try plan(inputs, to: output, format: format)
            return nil
        } catch {
            return ((error as? ValidationError)?.message ?? "\(error)").replacingOccurrences(of: folder.url.path + "/", with: "")
        }
    }

    private func isClash(_ plan: OutputPlan, _ index: Int) -> Bool {
        place(plan, index).hasSuffix("is an input or another picture's output; choose another OUT or a --suffix")
    }

    @Test func onePictureGoesToAFileOrAFolder() throws {
        #expect(place(try plan(["in/a.png"], to: "x.png")) == "x.png")
        #expect(place(try plan(["in/a.png"], to: "x")) == "x.png", "a file without an extension gets one")
        #expect(place(try plan(["in/a.png"], to: "x/")) == "x/a.png", "a slash means a folder, there or not")
        #expect(place(try plan(["in/a.png"], to: "other", suffix: "2")) == "other/a2.png", "a folder that is there is one")
    }

    @Test func severalGoToAFolder() throws {
        let several = try plan(["in/a.png", "in/b.JPG"], to: "x.png")
        #expect(place(several, 0) == "x.png/a.png" && place(several, 1) == "x.png/b.JPG")
        #expect(place(try plan(["other"], to: "x")) == "x/a.png", "one picture of a folder goes to a folder, as two would")
    }

    @Test func withoutOutTheSuffixTellsThemApart() throws {
        #expect(place(try plan(["in/a.png"], to: nil, suffix: "-sharp")) == "in/a-sharp.png")
        #expect(isClash(try plan(["in/a.png"], to: nil), 0))
    }

    @Test func theFormatDecidesTheExtension() throws {
        #expect(place(try plan(["in/a.png"], to: "x/", format: .jpeg)) == "x/a.jpg")
        #expect(place(try plan(["in/b.JPG"], to: "x/", format: .jpeg)) == "x/b.JPG", "an extension that fits is kept")
        #expect(try plan(["in/a.png"], to: "x.jpeg").destination(0).format == .jpeg, "OUT's name asks for a format")
        #expect(try plan(["in/a.png"], to: "x.jfif").destination(0).format == .jpeg, "a browser's name of it")
        let error = #expect(throws: ValidationError.self) { try plan(["in/a.png"], to: "x.png", format: .jpeg) }
        #expect(error?.message == "--format is jpeg, but OUT ends in .png; change one of them")
    }

    @Test func twoOfOneNameDoNotMeet() throws {
        let plan = try plan(["in/a.png", "other/a.png"], to: "x")
        #expect(place(plan, 0) == "x/a.png" && isClash(plan, 1))
    }

    @Test func onePictureGivenTwiceIsWrittenOnce() throws {
        let plan = try plan(["in/a.png", "in/a.png"], to: "x")
        #expect(place(plan, 0) == "x/a.png" && isClash(plan, 1))
    }

    @Test func subfoldersKeepThemApart() throws {
        try folder.write("in/deep/a.png")
        let plan = try plan(["in"], to: "x", isRecursive: true)
        #expect((0..<3).map { place(plan, $0) } == ["x/a.png", "x/b.JPG", "x/deep/a.png"])
    }

    /// However the way to the input is spelt.
    @Test func noInputIsWrittenOver() throws {
        #expect(isClash(try plan(["in/a.png"], to: "in/a.png"), 0))
        #expect(isClash(try plan(["in/a.png"], to: "in/"), 0))
        #expect(isClash(try plan(["in/../in/./a.png"], to: "in"), 0))
        try folder.link("in/link.png", to: "a.png")
        #expect(isClash(try plan(["in/a.png"], to: "in/link.png"), 0), "a link to the input")
        #expect(isClash(try plan(["in/link.png"], to: "in/a.png"), 0), "the input behind a link")
        try folder.link("same", to: "in")
        #expect(isClash(try plan(["in/a.png"], to: "same/"), 0), "a link to the input's folder")
        let later = try plan(["in/b.JPG", "in/a.png"], to: "in/", format: .png)
        #expect(place(later, 0) == "in/b.png" && isClash(later, 1))
    }

    @Test func companionsHaveNamesOfTheirOwn() throws {
        let plan = try plan(["in/b.JPG"], to: "x/", companions: [.comparison, .kernels]), destination = try plan.destination(0)
        #expect(destination.path(of: .comparison) == folder.path("x/b-compare.JPG"))
        #expect(destination.path(of: .kernels) == folder.path("x/b-kernels.png"), "a drawing is a PNG")
    }

    @Test func aCompanionIsNotWrittenOverAnInputEither() throws {
        try folder.write("in/a-kernels.png")
        #expect(isClash(try plan(["in/a.png", "in/a-kernels.png"], to: "in/", suffix: "", companions: [.kernels]), 0))
        let beside = try plan(["in/a.png", "in/a-kernels.png"], to: nil, suffix: "-s", companions: [.kernels])
        #expect(place(beside, 0) == "in/a-s.png" && place(beside, 1) == "in/a-kernels-s.png")
    }

    @Test func anInputThatIsNoneHasNoPlace() throws {
        let plan = try plan(["nothing/*.png", "in/a.png"], to: "x")
        #expect(place(plan, 0).hasSuffix("matches no file") && place(plan, 1) == "x/a.png")
    }

    /// The name of an output is settled with the format that its input begins as, before anything is computed.
    @Test func theFirstBytesDecideTheName() throws {
        try folder.write("photo", as: .png)
        #expect(place(try plan(["photo"], to: "x/")) == "x/photo.png")
        try folder.write("in/wrong.png", as: .jpeg)
        try folder.write("in/odd.2024", as: .jpeg)
        let both = try plan(["in/wrong.png", "in/odd.2024"], to: "x")
        #expect(place(both, 0) == "x/wrong.jpg", "an extension of the other format is replaced")
        #expect(place(both, 1) == "x/odd.2024.jpg", "what is none is part of the name")
        try folder.write("bad.png", as: nil)
        #expect(throws: ImageError.notAnImage) { try plan(["bad.png"], to: "x/").destination(0) }
    }

    /// The three ways in which an input without an extension once cost another file.
    @Test func anExtensionThatIsOnlyKnownFromTheBytesClashesToo() throws {
        try folder.write("in/a", as: .png)
        #expect(isClash(try plan(["in/a.png"], to: "in/a"), 0), "the extension that OUT gets makes it the input")
        #expect(isClash(try plan(["in/a", "in/a.png"], to: "in/"), 0), "the extension that the input gets makes it another")
        try folder.write("p", as: .png)
        try folder.write("p.png")
        let two = try plan(["p", "p.png"], to: "x")
        #expect(place(two, 0) == "x/p.png" && isClash(two, 1), "two inputs, one output")
        try folder.write("in/a-x.png")
        #expect(isClash(try plan(["in/a", "in/a-x.png"], to: nil, suffix: "-x"), 0))
    }

    @Test func aHardLinkToAnInputIsNotWrittenOver() throws {
        try FileManager.default.linkItem(atPath: folder.path("in/a.png"), toPath: folder.path("other/hard.png"))
        #expect(isClash(try plan(["in/a.png"], to: "other/hard.png"), 0))
        let names = try plan(["in/a.png", "other/hard.png"], to: "x")
        #expect(place(names, 0) == "x/a.png" && place(names, 1) == "x/hard.png", "two names of one input are two outputs")
    }

    /// One character, or a letter and its accent: equal as text, two files on Linux.
    @Test func composedAndDecomposedNamesAreTwo() throws {
        let composed = "in/\u{E9}.png", decomposed = "in/e\u{301}.png"
        try folder.write(composed, as: .png)
        try folder.write(decomposed, as: .png)
        let plan = try plan([composed, decomposed], to: "x")
        let places = try (0..<2).map { Array(try plan.destination($0).path.utf8) }
        #expect(places == [composed, decomposed].map { Array((folder.path("x/") + $0.dropFirst(3)).utf8) })
        for index in 0..<2 { try plan.write(Data([UInt8(index)]), to: plan.destination(index).path) }
        #expect(PictureInputs([folder.path("x")]).count == 2)
    }

    @Test(arguments: ["x.webp", "x.tiff", "in/x.heic"]) func aFormatThatIsNotWrittenIsRefused(name: String) throws {
        let `extension` = try #require(name.split(separator: ".").last)
        let expected = "OUT ends in .\(`extension`), but only JPEG and PNG are written; end it in .jpg or .png, or in / if it is a folder"
        #expect(refusal(["in/a.png"], to: name) == expected)
        #expect(refusal(["in/a.png"], to: name, format: .png) == expected)
        #expect(refusal(["in/a.png", "other/a.png"], to: name) == nil, "of several it is a folder's name")
    }

    @Test func anOutThatIsAFileIsNoFolder() throws {
        try folder.write("taken.png")
        #expect(
            refusal(["in/a.png", "in/b.JPG"], to: "taken.png")?.hasSuffix("taken.png, but several pictures need a folder; name a folder")
                == true)
        #expect(refusal(["in/a.png"], to: "taken.png/") != nil)
        #expect(refusal(["in/a.png"], to: "taken.png/x.png")?.hasPrefix("OUT cannot be written to: taken.png") == true)
    }

    /// As somebody who may not: root may write everywhere.
    @Test func aFolderThatMayNotBeWrittenToIsNamedBeforeTheWork() throws {
        try folder.write("closed/a.png")
        chmod(folder.path("closed"), 0o555)
        defer { chmod(folder.path("closed"), 0o755) }
        guard access(folder.path("closed"), W_OK) != 0 else {
            #expect(geteuid() == 0)
            return
        }
        #expect(refusal(["in/a.png"], to: "closed/") == "OUT cannot be written to: closed: Permission denied")
        #expect(refusal(["in/a.png"], to: "closed/deep/x.png") == "OUT cannot be written to: closed: Permission denied")
        #expect(place(try plan(["closed/a.png"], to: nil, suffix: "-s")).contains("Permission denied"))
    }

    @Test func writingMakesTheFolderAndReplacesWhole() throws {
        let path = try plan(["in/a.png"], to: "x/y/").destination(0).path
        try plan(["in/a.png"], to: "x/y/").write(Data("first, longer".utf8), to: path)
        try plan(["in/a.png"], to: "x/y/").write(Data("second".utf8), to: path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("second".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("x/y")) == ["a.png"], "nothing half written is left")
    }
}
