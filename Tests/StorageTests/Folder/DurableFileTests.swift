import Foundation
import Testing
@testable import Storage

/// Files that are whole or not there.
@Suite(.timeLimit(.minutes(60))) struct DurableFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() } }

    @Test func aFileIsReplacedWhole() throws {
        let url = folder.url.appendingPathComponent("a")
        for text in ["longer than the second", "second", ""] {
            try DurableFile.write(Data(text.utf8), to: url, freeSpace: .measured)
            #expect(try Data(contentsOf: url) == Data(text.utf8))
        }
        #expect(try names == ["a"], "nothing partial stays")
    }

    @Test func whatCannotBeWrittenLeavesNothing() throws {
        let target = folder.url.appendingPathComponent("taken")
        try FileManager.default.createDirectory(at: target.appendingPathComponent("x"), withIntermediateDirectories: true)
        #expect(throws: StorageError.self) { try DurableFile.write(Data("a".utf8), to: target, freeSpace: .measured) }
        #expect(try names == ["taken"])
        let missing = folder.url.appendingPathComponent("none/a")
        #expect(throws: StorageError.self) { try DurableFile.write(Data(), to: missing, freeSpace: .measured) }
    }

    /// Photographs are their owner's alone.
    @Test func foldersAreMadeForTheirOwner() throws {
        let url = folder.url.appendingPathComponent("a/b/c", isDirectory: true)
        try DurableFile.makeDirectory(url)
        try DurableFile.makeDirectory(url)
        let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        #expect(throws: StorageError.self) { try DurableFile.makeDirectory(URL(fileURLWithPath: "/proc/fidediff", isDirectory: true)) }
    }

    @Test func oneAtATimeHoldsAFolder() throws {
        let url = folder.url, log = folder.url.appendingPathComponent("log")
        try Data().write(to: log)
        _ = try onThreads(4) { index in
            try DurableFile.withLockedDirectory(url) {
                // Read, and written back with one more: lost where two are here at once.
                try Data(contentsOf: log).appending(UInt8(index)).write(to: log)
            }
        }
        #expect(try Data(contentsOf: log).sorted() == [0, 1, 2, 3])
    }
}

extension Data {
    fileprivate func appending(_ byte: UInt8) -> Data { self + [byte] }
}
