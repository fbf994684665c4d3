// No room: `diskFull`, nothing half stored, and everything as before once there is room again.

import Foundation
import GRDB
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct FreeSpaceTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// SQLITE_FULL from SQLite itself, by its own limit on pages.
    @Test func aFullDatabaseAcceptsNoJobAndLosesNone() throws {
        let store = try JobStore(directory: folder.url, maxQueued: 1000, freeSpace: FreeSpace { _ in 17 })
        var accepted = [try store.enqueue(.sample()).id]
        try store.pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        let error = #expect(throws: StorageError.self) {
            while accepted.count < 1000 { accepted.append(try store.enqueue(.sample()).id) }
        }
        guard case .diskFull(let needed, 17) = error, needed > 0 else { Issue.record("\(String(describing: error))"); return }
        #expect(try store.ids() == Set(accepted))

        try store.pool.writeWithoutTransaction { _ = try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1000000") }
        accepted.append(try store.enqueue(.sample()).id)
        #expect(try store.ids() == Set(accepted))
        #expect(try store.claim(leaseSeconds: 60, worker: "w")?.id == accepted[0])
    }

    /// ENOSPC from the system: every write to /dev/full fails so (full(4)).
    @Test func noSpaceFromTheSystemIsDiskFull() throws {
        let device = open("/dev/full", O_WRONLY)
        try #require(device >= 0)
        defer { close(device) }
        let error = #expect(throws: StorageError.self) {
            try DurableFile.write(Data([1, 2, 3]), descriptor: device, path: "/dev/full")
        }
        #expect(error == .file(operation: "write", path: "/dev/full", code: ENOSPC))
        #expect(error?.diskFullIfNoSpace(neededBytes: 3, freeBytes: 0) == .diskFull(neededBytes: 3, freeBytes: 0))
    }

    /// A write that fails in the middle, in a process whose files may not grow beyond 50,000 bytes.
    @Test func aWriteThatFailsMidwayLeavesTheOldPicture() async throws {
        let path = folder.url.path
        let id = JobID.make()
        try folder.blobs().write(Data([1, 2, 3]), id: id, kind: .output)
        await #expect(processExitsWith: .exitCode(42)) { [path = path as String, id = id as String] in
            let blobs = try BlobStore(directory: URL(fileURLWithPath: path + "/pictures"), reservedBytes: 0)
            var limit = rlimit(rlim_cur: 50_000, rlim_max: 50_000)
            guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(1) }
            signal(SIGXFSZ, SIG_IGN)
            do {
                try blobs.write(Data(count: 100_000), id: id, kind: .output)
            } catch StorageError.diskFull(neededBytes: 100_000, _) {
                exit(42)
            }
        }
        #expect(try folder.blobs().read(id: id, kind: .output) == Data([1, 2, 3]))
        #expect(try folder.pictures() == [id + ".output"])
    }

    /// Inputs leave room for the outputs and states of the jobs already accepted.
    @Test func inputsLeaveTheReserveToOutputs() throws {
        let blobs = try folder.blobs(freeBytes: 1000, reservedBytes: 900)
        let id = JobID.make()
        #expect(throws: StorageError.diskFull(neededBytes: 1001, freeBytes: 1000)) {
            try blobs.write(Data(count: 101), id: id, kind: .input)
        }
        #expect(try folder.pictures() == [])
        try blobs.write(Data(count: 100), id: id, kind: .input)
        try blobs.write(Data(count: 1000), id: id, kind: .output)
        #expect(throws: StorageError.diskFull(neededBytes: 1001, freeBytes: 1000)) {
            try blobs.write(Data(count: 1001), id: id, kind: .output)
        }
    }

    @Test func freeSpaceIsMeasured() throws {
        let free = try folder.blobs().freeBytes()
        #expect(free > 0)
        #expect(throws: StorageError.file(operation: "statvfs", path: "/nowhere/at/all", code: ENOENT)) {
            try FreeSpace.measured.bytes("/nowhere/at/all")
        }
    }
}
