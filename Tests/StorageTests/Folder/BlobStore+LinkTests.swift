import Foundation
import GRDB
import Testing
@testable import Storage

/// One file under two names.
@Suite(.timeLimit(.minutes(60))) struct BlobStoreLinkTests {
    private let folder: TemporaryFolder
    private let store: JobStore

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.jobs()
    }

    @Test func aLinkedPictureOutlivesTheOther() throws {
        let blobs = try folder.blobs(), ids = (0..<3).map { _ in JobID.make() }
        let bytes = Data((0..<5000).map { UInt8(truncatingIfNeeded: $0) })
        try blobs.write(bytes, id: ids[0], kind: .output)
        try blobs.write(Data([1]), id: ids[1], kind: .output)
        #expect(try blobs.link(from: ids[0], to: ids[1], kind: .output))  // in the place of another
        try blobs.remove(id: ids[0])
        #expect(try blobs.read(id: ids[1], kind: .output) == bytes)
        #expect(throws: StorageError.notFound(id: ids[0])) { try blobs.link(from: ids[0], to: ids[2], kind: .output) }
        #expect(throws: StorageError.notFound(id: "../x")) { try blobs.link(from: ids[1], to: "../x", kind: .output) }
        #expect(try folder.pictures() == ["\(ids[1]).output"])
    }
}
