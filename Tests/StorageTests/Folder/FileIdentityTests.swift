import Foundation
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct FileIdentityTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func aFileIsKnownByWhatItIsNotByItsName() throws {
        let path = folder.url.appendingPathComponent("a").path, other = folder.url.appendingPathComponent("b").path
        try Data([1]).write(to: URL(fileURLWithPath: path))
        let file = try #require(FileIdentity(path))
        #expect(file.isAt(path) && !file.isAt(other))
        try FileManager.default.moveItem(atPath: path, toPath: other)
        #expect(file.isAt(other) && !file.isAt(path))
        try Data([1]).write(to: URL(fileURLWithPath: path))
        #expect(!file.isAt(path), "another file of the same name")
    }

    /// Nothing that can be read proves that it is another: the service must not end for it.
    @Test func whatCannotBeLookedAtMayBeInPlace() throws {
        let path = folder.url.appendingPathComponent("a").path
        try Data([1]).write(to: URL(fileURLWithPath: path))
        let file = try #require(FileIdentity(path))
        // A name that is too long: an error that is neither "no such file" nor "no such folder".
        #expect(file.isAt(folder.url.appendingPathComponent(String(repeating: "a", count: 300)).path))
        #expect(!file.isAt(path + "/b"), "below a file there is nothing")
    }
}
