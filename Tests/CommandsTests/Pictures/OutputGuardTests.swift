import Dispatch
import Foundation
import Glibc
import Storage
import Synchronization
import Testing

@testable import Commands

/// The last look before a name changes hands.
@Suite(.timeLimit(.minutes(60))) struct OutputGuardTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        try folder.write("a.png", "old.png")
    }

    private var outputs: OutputGuard {
        get throws { OutputGuard(inputs: [try #require(FileIdentity(folder.path("a.png")))]) }
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.url.appendingPathComponent(name)), as: UTF8.self)
    }

    private var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() } }

    /// Two names of one file stand for what a file system takes for one name: A.PNG and a.png where case does not count.
    @Test func anInputIsNotReplacedUnderAnyName() throws {
        try FileManager.default.linkItem(atPath: folder.path("a.png"), toPath: folder.path("hard.png"))
        try folder.link("link.png", to: "a.png")
        let before = try text("a.png"), all = try names
        for name in ["a.png", "hard.png", "link.png"] {
            let clash = #expect(throws: Clash.self) { try outputs.write(Data("new".utf8), to: folder.path(name)) }
            #expect(clash?.description.contains(folder.path(name)) == true)
        }
        #expect(try text("a.png") == before && names == all, "the draft is gone too")
    }

    @Test func anOutputIsNotReplacedByAnother() throws {
        let outputs = try outputs
        try outputs.write(Data("first".utf8), to: folder.path("x.png"))
        #expect(throws: Clash.self) { try outputs.write(Data("second".utf8), to: folder.path("x.png")) }
        try folder.link("twin.png", to: "x.png")
        #expect(throws: Clash.self) { try outputs.write(Data("second".utf8), to: folder.path("twin.png")) }
        #expect(try text("x.png") == "first")
    }

    /// However many write at once, one is written and the others hear of it.
    @Test func ofManyAtOnceOneIsWritten() throws {
        let outputs = try outputs, clashes = Atomic<Int>(0), path = folder.path("x.png")
        DispatchQueue.concurrentPerform(iterations: 16) { index in
            do { try outputs.write(Data("\(index)".utf8), to: path) } catch { clashes.wrappingAdd(1, ordering: .relaxed) }
        }
        #expect(clashes.load(ordering: .relaxed) == 15)
        #expect(try Int(text("x.png")) != nil)
    }

    @Test func anOlderFileIsReplacedAndGivesItsPermissions() throws {
        chmod(folder.path("old.png"), 0o640)
        try outputs.write(Data("new".utf8), to: folder.path("old.png"))
        var status = stat()
        try #require(stat(folder.path("old.png"), &status) == 0)
        #expect(try text("old.png") == "new" && status.st_mode & 0o777 == 0o640)
    }

    /// A folder where none can be made: below a file, and in /proc, where not even root may write.
    @Test(arguments: ["a.png/x/b.png", "/proc/b.png"]) func whatCannotBeWrittenNamesTheOutput(name: String) throws {
        let path = name.hasPrefix("/") ? name : folder.path(name)
        let error = #expect(throws: Unwritable.self) { try outputs.write(Data("new".utf8), to: path) }
        #expect(error?.description.hasPrefix(name.hasPrefix("/") ? path : folder.path("a.png/x")) == true, "\(String(describing: error))")
        #expect(error?.description.contains(" cannot be written: ") == true)
    }

    @Test func aFolderInTheWayIsNamed() throws {
        try folder.write("x.png/inside.png")
        let error = #expect(throws: Unwritable.self) { try outputs.write(Data("new".utf8), to: folder.path("x.png")) }
        #expect(error?.description == "\(folder.path("x.png")) cannot be written: Is a directory")
    }
}
