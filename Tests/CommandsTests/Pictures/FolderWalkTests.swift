import Engine
import Foundation
import Glibc
import Storage
import Testing

@testable import Commands

/// The pictures of a folder, on a real file system.
@Suite(.timeLimit(.minutes(60))) struct FolderWalkTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func walk(isRecursive: Bool = true, ignoredSuffixes: [String] = [], output: String? = nil) -> FolderWalk {
        FolderWalk(
            folder.path("in"), isRecursive: isRecursive, ignoredSuffixes: ignoredSuffixes,
            output: output.flatMap { FileIdentity(folder.path($0)) })
    }

    /// Paths below the folder; of what is no picture, the reason.
    private func found(_ walk: FolderWalk) -> [String] {
        walk.items.map { item in
            let text =
                switch item {
                case .success(let item): item.path
                case .failure(let error): error.description
                }
            return text.replacingOccurrences(of: folder.path("in/"), with: "")
        }
    }

    /// A name lies easily, and browsers have their own; the file's first bytes do not.
    @Test func whatBeginsAsAPictureIsOne() throws {
        try folder.write("in/photo.gif", as: nil)
        for (name, format) in [("a.jfif", ImageFormat.jpeg), ("b.jpe", .jpeg), ("c", .png), ("d.txt", .jpeg), ("e.PNG", .jpeg)] {
            try folder.write("in/" + name, as: format)
        }
        try folder.write("in/f.png", as: nil)
        let walk = walk()
        #expect(found(walk) == ["a.jfif", "b.jpe", "c", "d.txt", "e.PNG", "f.png"], "one that calls itself a picture fails by name, later")
        #expect(walk.leftOut == 1)
    }

    @Test func pipesAndDevicesAreNotOpened() throws {
        try folder.write("in/a.png")
        try #require(mkfifo(folder.path("in/pipe.png"), 0o600) == 0)
        #expect(found(walk()) == ["a.png"])
    }

    @Test func aNameThatIsNotUTF8Fails() throws {
        try folder.write("in/a.png")
        try folder.writeLatin1("in/b")
        try folder.writeLatin1("in/\u{FFFD}")
        #expect(
            found(walk()) == [
                "a.png", "b\u{FFFD}.png: the name is not UTF-8; rename the file",
                "\u{FFFD}\u{FFFD}.png: the name is not UTF-8; rename the file",
            ])
    }

    /// Each picture once, however the links lead back: two cycles would otherwise double at every step.
    @Test func aFolderThatHoldsItselfIsEnteredOnce() throws {
        try folder.write("in/a.png", "in/deep/b.png")
        for (name, target) in [("x", "."), ("y", "."), ("deep/up", ".."), ("deep/self", "."), ("deep/round", "../deep")] {
            try folder.link("in/" + name, to: target)
        }
        #expect(found(walk()) == ["a.png", "deep/b.png"])
    }

    @Test func aFolderIsFoundAtItsOwnPlaceBeforeALinkToIt() throws {
        try folder.write("in/z/a.png", "other/b.png")
        try folder.link("in/a-link", to: "z")
        try folder.link("in/b-link", to: "../other")
        let walk = walk()
        #expect(found(walk) == ["z/a.png", "b-link/b.png"])
        #expect(try walk.items.map { try $0.get().subfolder } == ["z", "b-link"])
    }

    @Test func whatIsWrittenBelowIsNoInput() throws {
        try folder.write("in/a.png", "in/out/a.png", "in/deep/b.png")
        #expect(found(walk(output: "in/out")) == ["a.png", "deep/b.png"])
        try folder.link("in/link", to: "out")
        #expect(found(walk(output: "in/out")) == ["a.png", "deep/b.png"], "nor by a link")
        #expect(found(walk(output: "in")) == ["a.png", "deep/b.png", "out/a.png"], "the folder itself is meant")
    }

    /// As somebody who may not read it: root may.
    @Test func aFolderThatCannotBeReadIsSaid() throws {
        try folder.write("in/a.png", "in/closed/b.png")
        chmod(folder.path("in/closed"), 0)
        defer { chmod(folder.path("in/closed"), 0o755) }
        guard access(folder.path("in/closed"), R_OK) != 0 else {
            #expect(geteuid() == 0)
            return
        }
        #expect(found(walk()) == ["a.png", "closed: the folder cannot be read: Permission denied"])
    }
}
