import Foundation
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct BlobStoreTests {
    private let folder: TemporaryFolder
    private let blobs: BlobStore
    private let id = JobID.make()

    init() throws {
        folder = try TemporaryFolder()
        blobs = try folder.blobs()
    }

    @Test(arguments: [0, 1, 4096, 3_000_001])
    func whatIsWrittenIsRead(_ count: Int) throws {
        let data = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try blobs.write(data, id: id, kind: .input)
        #expect(try blobs.read(id: id, kind: .input) == data)
        #expect(try Data(contentsOf: blobs.url(id: id, kind: .input)) == data)
        #expect(try folder.pictures() == [id + ".input"])
    }

    /// A slice's indices do not start at 0.
    @Test func aSliceIsWrittenFromItsOwnStart() throws {
        try blobs.write(Data([1, 2, 3, 4, 5])[2...], id: id, kind: .input)
        #expect(try blobs.read(id: id, kind: .input) == Data([3, 4, 5]))
    }

    @Test func inputAndOutputAreTwoFiles() throws {
        try blobs.write(Data([1]), id: id, kind: .input)
        #expect(throws: StorageError.notFound(id: id)) { try blobs.read(id: id, kind: .output) }
        #expect(throws: StorageError.notFound(id: id)) { try blobs.url(id: id, kind: .output) }
        try blobs.write(Data([2]), id: id, kind: .output)
        #expect(try blobs.read(id: id, kind: .input) == Data([1]))
        #expect(try blobs.read(id: id, kind: .output) == Data([2]))
        try blobs.remove(id: id)
        try blobs.remove(id: id)
        #expect(try folder.pictures() == [])
    }

    /// A reader sees the old bytes or the new, never a mixture or a beginning, while writers replace the file over and over.
    @Test func aReaderNeverSeesAPart() throws {
        let blobs = blobs, id = id, size = 200_000
        try blobs.write(Data(repeating: 0, count: size), id: id, kind: .output)
        let whole = try onThreads(4) { thread in
            try (1...25).allSatisfy { round in
                if thread < 2 {
                    try blobs.write(Data(repeating: UInt8(thread * 100 + round), count: size), id: id, kind: .output)
                    return true
                }
                let data = try blobs.read(id: id, kind: .output)
                return data.count == size && data.allSatisfy { $0 == data.first }
            }
        }
        #expect(whole == [true, true, true, true])
        #expect(try folder.pictures() == [id + ".output"])
    }

    @Test func bytesBeingServedOutliveTheFile() throws {
        let data = Data(repeating: 7, count: 1_000_000)
        try blobs.write(data, id: id, kind: .output)
        let served = try blobs.read(id: id, kind: .output)
        try blobs.write(Data([1]), id: id, kind: .output)
        try blobs.remove(id: id)
        #expect(served == data)
    }

    @Test(arguments: ["", "..", "../../etc/passwd", "/etc/passwd", "01HK153X00000000000000000/", "a"])
    func noIdLeadsOutOfTheFolder(_ id: String) {
        #expect(throws: StorageError.notFound(id: id)) { try blobs.write(Data([1]), id: id, kind: .input) }
        #expect(throws: StorageError.notFound(id: id)) { try blobs.read(id: id, kind: .input) }
        #expect(throws: StorageError.notFound(id: id)) { try blobs.url(id: id, kind: .input) }
        #expect(throws: StorageError.notFound(id: id)) { try blobs.remove(id: id) }
    }

    @Test func orphansGoAndTheRestStays() throws {
        let known = JobID.make(), gone = JobID.make()
        try blobs.write(Data([1]), id: known, kind: .input)
        try blobs.write(Data([1]), id: gone, kind: .input)
        try blobs.write(Data([1]), id: gone, kind: .output)
        for name in ["notes.txt", "fidediff.sqlite", "\(gone).jpeg", "\(known).input.\(gone).partial"] {
            try Data([9]).write(to: folder.url.appendingPathComponent("pictures/" + name))
        }
        #expect(try blobs.removeOrphans(known: [known]) == 3)
        #expect(try folder.pictures() == ["\(gone).jpeg", "\(known).input", "fidediff.sqlite", "notes.txt"].sorted())
    }

    @Test func aFileThatCannotBeReplacedLeavesNothingBehind() throws {
        // A folder under the target's name: the rename fails after the bytes are written.
        let target = folder.url.appendingPathComponent("pictures/\(id).input")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: false)
        let error = #expect(throws: StorageError.self) { try blobs.write(Data([1]), id: id, kind: .input) }
        guard case .file("rename", _, EISDIR) = error else { Issue.record("\(String(describing: error))"); return }
        #expect(try folder.pictures() == ["\(id).input"])
    }
}
