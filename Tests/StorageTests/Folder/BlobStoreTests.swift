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

    @Test func namesAreSortedByWhatTheyAre() throws {
        let known = JobID.make(), gone = JobID.make()
        try blobs.write(Data([1]), id: known, kind: .input)
        try blobs.write(Data([1]), id: gone, kind: .input)
        try blobs.write(Data([1]), id: gone, kind: .output)
        for name in ["notes.txt", "fidediff.sqlite", "\(gone).jpeg", "\(known).input.\(gone).partial"] {
            try Data([9]).write(to: folder.url.appendingPathComponent("pictures/" + name))
        }
        var names = try blobs.names()
        names.pictures[gone]?.sort()
        #expect(
            names
                == BlobStore.Names(
                    pictures: [known: ["\(known).input"], gone: ["\(gone).input", "\(gone).output"]],
                    partial: ["\(known).input.\(gone).partial"]))
        try blobs.remove(names: names.partial + (names.pictures[gone] ?? []))
        #expect(try folder.pictures() == ["\(gone).jpeg", "\(known).input", "fidediff.sqlite", "notes.txt"].sorted())
    }

    /// Set aside keeps the bytes, also where the name is taken there, and takes a folder that stands at a picture's place along.
    @Test func whatIsSetAsideIsKept() throws {
        let id = JobID.make(), aside = folder.url.appendingPathComponent("aside")
        for byte in [1, 2] as [UInt8] {
            try blobs.write(Data([byte]), id: id, kind: .input)
            try blobs.setAside(names: ["\(id).input"], into: aside)
        }
        let kept = try FileManager.default.contentsOfDirectory(at: aside, includingPropertiesForKeys: nil)
        #expect(try Set(kept.map { try Data(contentsOf: $0) }) == [Data([1]), Data([2])])
        let output = folder.url.appendingPathComponent("pictures/\(id).output")
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: false)
        try blobs.setAside(names: ["\(id).output"], into: aside)
        #expect(try folder.pictures() == [])
    }

    /// The folder's names cannot be flushed, since it is gone: nothing stays of the picture, and the store knows that it cannot write.
    @Test func aFailedWriteIsRemembered() throws {
        let id = JobID.make(), pictures = folder.url.appendingPathComponent("pictures"), moved = folder.url.appendingPathComponent("moved")
        #expect(blobs.trouble == nil && blobs.isInPlace)
        try FileManager.default.moveItem(at: pictures, to: moved)
        #expect(!blobs.isInPlace)
        #expect(throws: StorageError.self) { try blobs.write(Data([1]), id: id, kind: .output) }
        try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: false)
        try Data([9]).write(to: pictures.appendingPathComponent("x"))
        #expect(!blobs.isInPlace, "another folder at the same path")
        try FileManager.default.removeItem(at: pictures)
        try FileManager.default.moveItem(at: moved, to: pictures)
        #expect(blobs.isInPlace)
        #expect(throws: StorageError.self) { try blobs.read(id: id, kind: .output) }
        try blobs.probe()
        #expect(try blobs.trouble == nil && folder.pictures() == [])
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
