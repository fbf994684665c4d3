import Commands
import Foundation
import Glibc
import Testing

/// Files, folders and patterns -> pictures, on a real file system.
@Suite(.timeLimit(.minutes(60))) struct PictureInputsTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    /// Paths below the scratch folder; of what is no picture, the reason.
    private func found(_ inputs: PictureInputs) -> [String] {
        inputs.items.map { item in
            switch item {
            case .success(let item): item.path.replacingOccurrences(of: folder.url.path + "/", with: "")
            case .failure(let error): error.description.replacingOccurrences(of: folder.url.path + "/", with: "")
            }
        }
    }

    @Test func aNameIsTakenAsItIs() {
        let inputs = PictureInputs(["missing.png", "notes.txt", "-"])
        #expect(found(inputs) == ["missing.png", "notes.txt", "-"] && !inputs.hasSeveral)
    }

    @Test func aFolderGivesItsPicturesInOrder() throws {
        try folder.write("in/b.JPG", "in/a.png", "in/c.jpeg", "in/notes.txt", "in/.hidden.png", "in/deep/d.png", "in/png")
        let inputs = PictureInputs([folder.path("in")])
        #expect(found(inputs) == ["in/a.png", "in/b.JPG", "in/c.jpeg"] && inputs.hasSeveral)
        let all = PictureInputs([folder.path("in")], isRecursive: true)
        #expect(found(all) == ["in/a.png", "in/b.JPG", "in/c.jpeg", "in/deep/d.png"])
        #expect(try all.items.map { try $0.get().subfolder } == ["", "", "", "deep"])
    }

    @Test func aFolderWithoutPicturesFailsByName() throws {
        try folder.write("in/notes.txt", "in/deep/a.png")
        #expect(found(PictureInputs([folder.path("in")])) == ["in: no JPEG or PNG in this folder"])
    }

    @Test func outputsOfAnEarlierRunAreLeftOut() throws {
        try folder.write("in/a.png", "in/a-sharp.png", "in/a-sharp-compare.png", "in/b-sharp.jpg")
        #expect(found(PictureInputs([folder.path("in")], ignoredSuffixes: ["-sharp", "-sharp-compare"])) == ["in/a.png"])
        let named = PictureInputs([folder.path("in/a-sharp.png")], ignoredSuffixes: ["-sharp"])
        #expect(found(named) == ["in/a-sharp.png"], "what is named is meant")
    }

    @Test func patternsAreResolvedWhereNoShellDid() throws {
        try folder.write("in/a1.png", "in/a2.png", "in/b.jpg", "in/deep/c.png")
        #expect(found(PictureInputs([folder.path("in/a*.png")])) == ["in/a1.png", "in/a2.png"])
        #expect(found(PictureInputs([folder.path("in/a[2-9].png")])) == ["in/a2.png"])
        #expect(found(PictureInputs([folder.path("in/{a1.png,b.jpg}*")])) == ["in/a1.png", "in/b.jpg"])
        #expect(found(PictureInputs([folder.path("in/dee?")])) == ["in/dee?: matches no file"], "a folder is no match")
        #expect(PictureInputs([folder.path("in/a1*")]).hasSeveral, "one match of a pattern goes into a folder, as two would")
    }

    @Test func aFileWhoseNameHoldsAStarIsAFile() throws {
        try folder.write("a*.png", "ab.png")
        let inputs = PictureInputs([folder.path("a*.png")])
        #expect(found(inputs) == ["a*.png"] && !inputs.hasSeveral)
    }

    @Test func namesWithOddCharactersAreKept() throws {
        let names = ["new\nline.png", "é 🙂.jpg", "  spaces .png", "-r.png", "quote'\".png", "per%20cent.png"]
        for name in names { try folder.write("in/\(name)") }
        #expect(Set(found(PictureInputs([folder.path("in")]))) == Set(names.map { "in/" + $0 }))
    }

    /// Not left out in silence: Foundation's texts cannot say the name, so the picture cannot be opened.
    @Test func aNameThatIsNotUTF8Fails() throws {
        try folder.write("in/a.png")
        let bytes = Array((folder.path("in") + "/b").utf8) + [0xFF] + Array(".png".utf8) + [0]
        let file = bytes.withUnsafeBytes { open($0.bindMemory(to: CChar.self).baseAddress ?? UnsafePointer(""), O_CREAT | O_WRONLY, 0o600) }
        try #require(file >= 0)
        close(file)
        #expect(found(PictureInputs([folder.path("in")])) == ["in/a.png", "in/b\u{FFFD}.png: the name is not UTF-8; rename the file"])
    }

    @Test func linksAreFollowed() throws {
        try folder.write("in/a.png", "other/b.png")
        try folder.link("in/link.png", to: "a.png")
        try folder.link("in/gone.png", to: "nowhere.png")
        try folder.link("in/more", to: "../other")
        #expect(found(PictureInputs([folder.path("in")], isRecursive: true)) == ["in/a.png", "in/link.png", "in/more/b.png"])
    }

    /// Each picture once, however the links lead back.
    @Test func aFolderThatHoldsItselfIsEnteredOnce() throws {
        try folder.write("in/a.png", "in/deep/b.png")
        try folder.link("in/deep/up", to: "..")
        try folder.link("in/deep/self", to: ".")
        #expect(found(PictureInputs([folder.path("in")], isRecursive: true)) == ["in/a.png", "in/deep/b.png"])
    }
}
