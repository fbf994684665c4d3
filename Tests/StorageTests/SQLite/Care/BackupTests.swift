import Foundation
import GRDB
import Synchronization
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct BackupTests {
    private let folder: TemporaryFolder
    private let store: JobStore
    private let blobs: BlobStore

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.jobs(maxQueued: 10_000)
        blobs = try folder.blobs()
    }

    private var target: URL { folder.url.appendingPathComponent("copy") }
    private let input = Data("the picture".utf8), output = Data("the better picture".utf8)

    private static func submit(_ store: JobStore, _ blobs: BlobStore, _ input: Data) throws -> String {
        let id = JobID.make()
        try blobs.write(input, id: id, kind: .input)
        return try store.enqueue(.sample(id: id)).id
    }

    private static func finish(_ store: JobStore, _ blobs: BlobStore, _ output: Data) throws {
        guard let job = try store.claim(leaseSeconds: 60, worker: "w") else { return }
        try blobs.write(output, id: job.id, kind: .output)
        try store.finish(id: job.id, JobOutput(format: "png", bytes: output.count))
    }

    /// Others submit, finish and delete jobs all the while; whatever moment the copy shows, nothing that it names is missing in it.
    @Test func aBusyFolderIsCopiedWhole() throws {
        let isDone = Atomic(false)
        let group = DispatchGroup()
        let failures = Mutex<[String]>([])
        for writer in 0..<2 {
            DispatchQueue.global().async(group: group) { [store, blobs, input, output] in
                do {
                    var ids: [String] = []
                    while !isDone.load(ordering: .relaxed) {
                        ids.append(try Self.submit(store, blobs, input))
                        try Self.finish(store, blobs, output)
                        if writer == 0, ids.count > 3 {
                            let id = ids.removeFirst()
                            if try store.job(id: id)?.state.isFinal == true {
                                try store.delete(id: id)
                                try blobs.remove(id: id)
                            }
                        }
                    }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        while try store.totals().jobs[.succeeded, default: 0] < 5, failures.withLock({ $0.isEmpty }) { sched_yield() }
        for round in 0..<3 {
            let target = folder.url.appendingPathComponent("copy\(round)")
            let backup = try Backup.make(of: folder.url, store, blobs, to: target)
            let copy = try JobStore(directory: target, maxQueued: 10),
                pictures = try BlobStore(directory: target.appendingPathComponent("pictures"))
            #expect(try copy.damages() == [])
            let ids = try copy.ids()
            #expect(ids.count == backup.jobs && !ids.isEmpty)
            for id in ids {
                #expect(try pictures.read(id: id, kind: .input) == input)
                if try copy.job(id: id)?.state == .succeeded { #expect(try pictures.read(id: id, kind: .output) == output) }
            }
            let names = try pictures.names()
            #expect(names.partial == [] && Set(names.pictures.keys).isSubset(of: ids))
            #expect(backup.missing == [])
            #expect(try backup.files == pictures.files().count)
        }
        isDone.store(true, ordering: .relaxed)
        group.wait()
        #expect(failures.withLock { $0 } == [])
    }

    @Test func theCopyGoesOnWhereTheOriginalWas() throws {
        let ids = try (0..<2).map { _ in try Self.submit(store, blobs, input) }
        try Self.finish(store, blobs, output)
        _ = try Backup.make(of: folder.url, store, blobs, to: target)
        let copy = try JobStore(directory: target, maxQueued: 10)
        #expect(try ids.map { try copy.job(id: $0)?.state } == [.succeeded, .queued])
        #expect(try copy.claim(leaseSeconds: 60, worker: "w")?.id == ids[1])
        #expect(try store.job(id: ids[1])?.state == .queued, "the original is another file")
    }

    /// What several jobs have in one file, they have in one file of the copy.
    @Test func sharedPicturesStayShared() throws {
        let first = try Self.submit(store, blobs, input), waiting = try Self.submit(store, blobs, input)
        try Self.finish(store, blobs, output)
        let twin = try #require(try store.job(id: first))
        // One that was linked whole, and one whose output was, once it was its turn: that one is older than its twin's name might say.
        let heir = NewJob.sample()
        for kind in [BlobKind.input, .output] { #expect(try blobs.link(from: first, to: heir.id, kind: kind)) }
        _ = try store.enqueue(heir, reusing: twin, shared: [.input, .output])
        #expect(try store.claim(leaseSeconds: 60, worker: "w")?.id == waiting)
        try blobs.link(from: heir.id, to: waiting, kind: .output)
        try store.finish(
            id: waiting,
            JobOutput(format: "png", bytes: output.count, reusedFrom: heir.id, file: #require(try store.job(id: heir.id)).outputFile))

        let backup = try Backup.make(of: folder.url, store, blobs, to: target)
        #expect((backup.jobs, backup.files, backup.bytes) == (3, 6, 2 * input.count + output.count))
        let pictures = try BlobStore(directory: target.appendingPathComponent("pictures"))
        func node(_ id: String, _ kind: BlobKind) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: pictures.url(id: id, kind: kind).path)[.systemFileNumber] as? Int
        }
        #expect(try node(first, .output) == node(heir.id, .output) && node(first, .output) == node(waiting, .output))
        #expect(try node(first, .input) == node(heir.id, .input) && node(first, .input) != node(waiting, .input))
        for id in [first, heir.id, waiting] {
            #expect(try pictures.read(id: id, kind: .output) == output && pictures.read(id: id, kind: .input) == input)
        }
        #expect(try JobStore(directory: target, maxQueued: 1).totals().outputBytes == output.count)
    }

    @Test func whatTheOriginalLacksIsSaid() throws {
        let id = try Self.submit(store, blobs, input)
        try blobs.remove(id: id)
        #expect(try Backup.make(of: folder.url, store, blobs, to: target).missing == [id + ".input"])
    }

    @Test func nothingIsWrittenOver() throws {
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        _ = try Backup.make(of: folder.url, store, blobs, to: target)
        let before = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(throws: Backup.TargetNotEmpty.self) { _ = try Backup.make(of: folder.url, store, blobs, to: target) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == before)
    }

    @Test func aFailedCopyLeavesNothing() throws {
        let empty = folder.url.appendingPathComponent("empty")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        #expect(throws: StorageError.self) { _ = try Backup.make(of: empty, store, blobs, to: target) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { $0.hasPrefix("copy") } == [])
    }

    @Test func anOldDatabaseIsOnlyLookedAt() throws {
        let old = folder.url.appendingPathComponent("old")
        try FileManager.default.createDirectory(at: old, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: old.appendingPathComponent(JobStore.fileName).path)
        try Migrations.all.migrate(queue, upTo: "1 jobs")
        try queue.write {
            try $0.execute(
                sql: """
                    INSERT INTO job (id, options, input_format, input_bytes, width, height, input_hash, created_ms)
                    VALUES ('01JD3Q8ZK5W2M7T9XBRC4V6HNE', '{}', 'png', 1, 1, 1, '', 1)
                    """)
        }
        #expect(try JobStore.pendingMigrations(directory: old) == Array(Migrations.all.migrations.dropFirst()))
        #expect(try JobStore.pendingMigrations(directory: old) == Array(Migrations.all.migrations.dropFirst()))
        try queue.close()
        let store = try JobStore(directory: old, maxQueued: 1)
        #expect(try JobStore.pendingMigrations(directory: old) == [])
        #expect(try store.list().jobs.map(\.context) == [JobContext()])
        #expect(throws: StorageError.self) { _ = try JobStore.pendingMigrations(directory: folder.url.appendingPathComponent("none")) }
    }

    @Test func aDamagedIndexIsFoundAndRepaired() throws {
        let ids = try (0..<3).map { _ in try Self.submit(store, blobs, input) }
        #expect(try store.damages() == [])
        // An index entry that is lost: the index's own tree is emptied behind SQLite's back.
        try store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA writable_schema = ON")
            let root = try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'job_by_state'")
            try db.execute(sql: "CREATE TABLE spare (x)")
            try db.execute(sql: "CREATE INDEX empty ON spare (x)")
            try db.execute(
                sql:
                    "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'empty') WHERE name = 'job_by_state'"
            )
            try db.execute(sql: "UPDATE sqlite_schema SET rootpage = ? WHERE name = 'empty'", arguments: [root])
        }
        try store.close()
        let again = try folder.jobs()
        #expect(try !again.damages().isEmpty)
        try again.rebuildIndices()
        #expect(try again.damages() == [])
        #expect(try again.ids() == Set(ids))
        #expect(try again.totals().jobs[.queued] == 3)
    }
}
