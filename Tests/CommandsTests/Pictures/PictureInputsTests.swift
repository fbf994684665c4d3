import Commands
import Foundation
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
        let suffixes = ["-sharp", "-sharp-compare"]
        #expect(found(PictureInputs([folder.path("in")], ownSuffixes: suffixes)) == ["in/a.png"])
        let named = PictureInputs([folder.path("in/a-sharp.png")], ownSuffixes: suffixes)
        #expect(found(named) == ["in/a-sharp.png"], "what is named is meant")
        let same = PictureInputs([folder.path("in")], ownSuffixes: suffixes, output: folder.path("in/"))
        #expect(found(same) == ["in/a.png"], "OUT is the folder itself")
        let elsewhere = PictureInputs([folder.path("in")], ownSuffixes: suffixes, output: folder.path("x"))
        #expect(elsewhere.count == 4, "nothing of this folder was written by it")
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

    @Test func aPatternFindsNamesThatAreNotUTF8() throws {
        try folder.write("in/a.png")
        try folder.writeLatin1("in/b")
        #expect(found(PictureInputs([folder.path("in/*")])) == ["in/a.png", "in/b\u{FFFD}.png: the name is not UTF-8; rename the file"])
    }

    @Test func whatIsLeftOutIsSaid() throws {
        try folder.write("in/a.png", "in/notes.txt", "in/song.mp3")
        #expect(PictureInputs([folder.path("in")]).notes == ["\(folder.path("in")): 2 left out that are neither JPEG nor PNG"])
        #expect(PictureInputs([folder.path("in/a.png")]).notes == [])
    }

    @Test func namesWithOddCharactersAreKept() throws {
        let names = ["new\nline.png", "é 🙂.jpg", "  spaces .png", "-r.png", "quote'\".png", "per%20cent.png"]
        for name in names { try folder.write("in/\(name)") }
        #expect(Set(found(PictureInputs([folder.path("in")]))) == Set(names.map { "in/" + $0 }))
    }

    @Test func linksAreFollowed() throws {
        try folder.write("in/a.png", "other/b.png")
        try folder.link("in/link.png", to: "a.png")
        try folder.link("in/gone.png", to: "nowhere.png")
        try folder.link("in/more", to: "../other")
        #expect(found(PictureInputs([folder.path("in")], isRecursive: true)) == ["in/a.png", "in/link.png", "in/more/b.png"])
    }
}
