import ArgumentParser
import Commands
import Engine
import Foundation
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
    private func place(_ plan: OutputPlan, _ index: Int = 0, format: ImageFormat = .png) -> String {
        do {
            return try plan.destination(index).url(for: format).path.replacingOccurrences(of: folder.url.path + "/", with: "")
        } catch {
            return "\(error)"
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
        #expect(place(several, 0) == "x.png/a.png" && place(several, 1, format: .jpeg) == "x.png/b.JPG")
        #expect(place(try plan(["other"], to: "x")) == "x/a.png", "one picture of a folder goes to a folder, as two would")
    }

    @Test func withoutOutTheSuffixTellsThemApart() throws {
        #expect(place(try plan(["in/a.png"], to: nil, suffix: "-sharp")) == "in/a-sharp.png")
        #expect(isClash(try plan(["in/a.png"], to: nil), 0))
    }

    @Test func theFormatDecidesTheExtension() throws {
        #expect(place(try plan(["in/a.png"], to: "x/", format: .jpeg), format: .jpeg) == "x/a.jpg")
        #expect(place(try plan(["in/b.JPG"], to: "x/", format: .jpeg), format: .jpeg) == "x/b.JPG", "an extension that fits is kept")
        #expect(try plan(["in/a.png"], to: "x.jpeg").destination(0).format == .jpeg, "OUT's name asks for a format")
        #expect(try plan(["in/a.png"], to: "x.tif").destination(0).format == nil)
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
        #expect(destination.url(of: .comparison, for: .jpeg).lastPathComponent == "b-compare.JPG")
        #expect(destination.url(of: .kernels, for: .jpeg).lastPathComponent == "b-kernels.png", "a drawing is a PNG")
    }

    @Test func aCompanionIsNotWrittenOverAnInputEither() throws {
        try folder.write("in/a-kernels.png")
        #expect(isClash(try plan(["in/a.png", "in/a-kernels.png"], to: "in/", suffix: "", companions: [.kernels]), 0))
        let beside = try plan(["in/a.png", "in/a-kernels.png"], to: nil, suffix: "-s", companions: [.kernels])
        #expect(place(beside, 0) == "in/a-s.png" && place(beside, 1) == "in/a-kernels-s.png")
    }

    @Test func anInputThatIsNoneHasNoPlace() throws {
        let plan = try plan(["nothing/*.png", "in/a.png"], to: "x")
        #expect(place(plan, 0) == "no picture" && place(plan, 1) == "x/a.png")
    }

    @Test func writingMakesTheFolderAndReplacesWhole() throws {
        let destination = try plan(["in/a.png"], to: "x/y/").destination(0), url = destination.url(for: .png)
        try destination.write(Data("first, longer".utf8), to: url)
        try destination.write(Data("second".utf8), to: url)
        #expect(try Data(contentsOf: url) == Data("second".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("x/y")) == ["a.png"], "nothing half written is left")
    }

    /// A folder where none can be made: below a file, and in /proc, where not even root may write.
    @Test func aFolderThatCannotBeWrittenToIsNamed() throws {
        try folder.write("taken")
        let below = try plan(["in/a.png"], to: "taken/x/").destination(0)
        let error = #expect(throws: (any Error).self) { try below.write(Data(), to: below.url(for: .png)) }
        #expect(error.map { FailureText.of($0).hasPrefix("cannot be read or written: ") } == true, "\(String(describing: error))")
        let plan = try OutputPlan(
            inputs: PictureInputs([folder.path("in/a.png")]), output: "/proc/", suffix: "", format: nil, companions: [])
        #expect(throws: (any Error).self) { try plan.destination(0).write(Data(), to: plan.destination(0).url(for: .png)) }
    }
}
