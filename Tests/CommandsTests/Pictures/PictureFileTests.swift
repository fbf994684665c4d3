import Engine
import Foundation
import Glibc
import Testing

@testable import Commands

/// Files that are given as pictures.
@Suite(.timeLimit(.minutes(60))) struct PictureFileTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        try folder.write("a.png", "b.txt")
        try folder.write("c", as: .jpeg)
    }

    @Test func theFirstBytesSayTheFormat() throws {
        #expect(try PictureFile.format(of: folder.path("a.png")) == .png)
        #expect(try PictureFile.format(of: folder.path("c")) == .jpeg)
        #expect(throws: ImageError.notAnImage) { try PictureFile.format(of: folder.path("b.txt")) }
        #expect(try PictureFile.read(folder.path("b.txt")) == Data("b.txt".utf8))
    }

    @Test func whatIsNoFileIsSaid() throws {
        try #require(mkfifo(folder.path("pipe"), 0o600) == 0)
        let pipe = #expect(throws: PictureFile.Unreadable.self) { try PictureFile.read(folder.path("pipe")) }
        #expect(pipe?.description == "a pipe or a device, no file; save it into a file first")
        let standardInput = #expect(throws: PictureFile.Unreadable.self) { try PictureFile.read("-") }
        #expect(standardInput?.description == "standard input is not read; save it into a file first")
        let name = #expect(throws: PictureFile.Unreadable.self) { try PictureFile.read("caf\u{FFFD}.jpg") }
        #expect(name?.description == "the name is not UTF-8; rename the file")
        #expect(throws: CocoaError.self) { try PictureFile.read(folder.path("none.png")) }
    }
}
