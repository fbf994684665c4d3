// The file itself: its pragmas, its migrations, and what opening refuses.

import Foundation
import GRDB
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct JobStoreTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private var file: String { folder.url.appendingPathComponent(JobStore.fileName).path }

    /// The confined service may not write where SQLite would put what a large statement needs: "unable to open database file".
    @Test func noConnectionHasTemporaryFiles() throws {
        let store = try folder.jobs()
        @Sendable func place(_ db: Database) throws -> Int? { try Int.fetchOne(db, sql: "PRAGMA temp_store") }
        // 2 = MEMORY (sqlite.org/pragma.html#pragma_temp_store).
        #expect(try store.pool.writeWithoutTransaction(place) == 2)
        #expect(try store.pool.read(place) == 2)
    }

    @Test func everyConnectionFlushesEachCommitToTheLog() throws {
        let store = try folder.jobs()
        @Sendable func pragmas(_ db: Database) throws -> [String] {
            [try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "", String(try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1)]
        }
        // 2 = FULL (sqlite.org/pragma.html#pragma_synchronous).
        #expect(try store.pool.writeWithoutTransaction(pragmas) == ["wal", "2"])
        // The threads wait for each other inside their reads, so each has a connection of its own.
        let readers = 4
        let arrived = DispatchGroup()
        (0..<readers).forEach { _ in arrived.enter() }
        let found = try onThreads(readers) { _ in
            try store.pool.read { db in
                arrived.leave()
                arrived.wait()
                return try pragmas(db)
            }
        }
        #expect(found == Array(repeating: ["wal", "2"], count: readers))
    }

    @Test func aNewFileHasAllMigrationsAndASecondOpeningChangesNothing() throws {
        let id = try folder.jobs().enqueue(.sample()).id
        let store = try folder.jobs()
        #expect(try store.pool.read { try Migrations.all.completedMigrations($0) } == Migrations.all.migrations)
        #expect(try store.job(id: id)?.state == .queued)
        #expect(try store.pool.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
    }

    /// A later version adds columns that are nullable or have a default; the rows of today must come through.
    @Test func aLaterMigrationKeepsTheRows() throws {
        let store = try folder.jobs()
        let job = try store.enqueue(.sample())
        var later = Migrations.all
        later.registerMigration("later") { try $0.execute(sql: "ALTER TABLE job ADD COLUMN expires_ms INTEGER") }
        try later.migrate(store.pool)
        #expect(try store.job(id: job.id) == job)

        try store.close()
        #expect(throws: StorageError.newerDatabase(unknownMigrations: ["later"])) { try folder.jobs() }
    }

    @Test func refusesAFileThatIsNoDatabase() throws {
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: file))
        let error = #expect(throws: StorageError.self) { try folder.jobs() }
        guard case .corruptDatabase = error else { Issue.record("\(String(describing: error))"); return }
    }

    @Test func refusesADamagedDatabase() throws {
        try folder.jobs().close()
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: file))
        try file.seek(toOffset: 100)  // after the header: the schema's page
        try file.write(contentsOf: Data(repeating: 0xFF, count: 3900))
        try file.close()
        let error = #expect(throws: StorageError.self) { try folder.jobs() }
        guard case .corruptDatabase = error else { Issue.record("\(String(describing: error))"); return }
    }

    /// A page that reads wrong makes trouble until the whole file reads right again.
    @Test func damageIsTroubleUntilItIsGone() throws {
        let store = try folder.jobs()
        for _ in 0..<200 { _ = try store.enqueue(NewJob(inputFormat: "png", inputBytes: 1, width: 16, height: 16, inputHash: "h")) }
        let page = try store.read { db in
            try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = 'job'") ?? 0
        }
        try store.close()
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file)), size = 4_096, offset = UInt64((page - 1) * size)
        try handle.seek(toOffset: offset)
        let right = try #require(try handle.read(upToCount: size))
        func write(_ bytes: Data) throws {
            try handle.seek(toOffset: offset)
            try handle.write(contentsOf: bytes)
        }
        let again = try folder.jobs()
        #expect(again.trouble == nil && !again.foundDamage)
        try write(Data(repeating: 0xFF, count: size))
        #expect(throws: StorageError.self) { try again.list() }
        #expect(again.foundDamage)
        try? again.examine()
        #expect(again.foundDamage)
        try write(right)
        try again.examine()
        #expect(again.trouble == nil && !again.foundDamage)
        #expect(try again.list().jobs.count == 50)
    }

    @Test func refusesAFolderThatCannotBeMade() throws {
        let inTheWay = folder.url.appendingPathComponent("file")
        try Data().write(to: inTheWay)
        let error = #expect(throws: StorageError.self) {
            try JobStore(directory: inTheWay.appendingPathComponent("data"), maxQueued: 1)
        }
        guard case .file("mkdir", _, ENOTDIR) = error else { Issue.record("\(String(describing: error))"); return }
    }

    @Test func theFolderIsItsOwnersOnly() throws {
        let data = folder.url.appendingPathComponent("a/data")
        _ = try JobStore(directory: data, maxQueued: 1)
        var status = stat()
        #expect(stat(data.path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
    }

    @Test func severalMayOpenANewFileAtOnce() throws {
        let folder = folder
        let stores = try onThreads(4) { _ in try folder.jobs() }
        let ids = try onThreads(4) { try stores[$0].enqueue(.sample()).id }
        #expect(try stores[0].ids() == Set(ids))
    }

    @Test func closingLeavesOneWholeFile() throws {
        let store = try folder.jobs()
        let id = try store.enqueue(.sample()).id
        try store.close()
        let copy = try TemporaryFolder()
        try FileManager.default.copyItem(
            atPath: file, toPath: copy.url.appendingPathComponent(JobStore.fileName).path)
        #expect(try copy.jobs().job(id: id)?.state == .queued)
    }

    @Test func aClosedStoreThrows() throws {
        let store = try folder.jobs()
        try store.close()
        #expect(throws: StorageError.self) { try store.queuedCount() }
        #expect(throws: StorageError.self) { try store.enqueue(.sample()) }
    }
}
