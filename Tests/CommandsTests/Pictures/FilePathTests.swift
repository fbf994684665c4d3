import Foundation
import Testing

@testable import Commands

/// Paths taken apart at bytes.
@Suite(.timeLimit(.minutes(60))) struct FilePathTests {
    @Test(arguments: [
        ("a.png", ".", "a.png", "a", "png"), ("/a", "/", "a", "a", ""), ("x/y/a.b.JPG", "x/y", "a.b.JPG", "a.b", "JPG"),
        ("x/y/", "x", "y", "y", ""),
        (".hidden", ".", ".hidden", ".hidden", ""), ("a.", ".", "a.", "a.", ""), ("x/\u{301}a.png", "x", "\u{301}a.png", "\u{301}a", "png"),
    ])
    func aPathHasItsParts(path: String, folder: String, name: String, stem: String, extension: String) {
        let parts = FilePath(path)
        #expect(
            [parts.folder, parts.name, parts.stem, parts.extension].map { Array($0.utf8) }
                == [folder, name, stem, `extension`].map { Array($0.utf8) })
    }

    @Test func joiningPutsOneSlash() {
        #expect(FilePath.join("in", "a") == "in/a" && FilePath.join("in/", "a") == "in/a" && FilePath.join("in", "") == "in")
    }

    @Test func theCanonicalPathIsOneForAllWays() throws {
        let scratch = try ScratchFolder()
        try scratch.write("in/a.png")
        try scratch.link("same", to: "in")
        let expected = Array((String(decoding: FilePath.canonical(scratch.url.path), as: UTF8.self) + "/in/").utf8)
        for way in ["in", "same", "in/../same", "./in/."] {
            #expect(FilePath.canonical(scratch.path(way + "/a.png")) == expected + Array("a.png".utf8))
            #expect(FilePath.canonical(scratch.path(way + "/new/b.png")) == expected + Array("new/b.png".utf8), "what is not there yet")
        }
        #expect(FilePath.canonical("nowhere").suffix(8) == Array("/nowhere".utf8)[...] && FilePath.canonical("/") == [0x2F])
    }

    @Test func theExistingPartOfAFolderIsFound() throws {
        let scratch = try ScratchFolder()
        try scratch.write("in/a.png")
        #expect(FilePath.existing(scratch.path("in/x/y")) == scratch.path("in"))
        #expect(FilePath.existing(scratch.path("in")) == scratch.path("in"))
    }
}
