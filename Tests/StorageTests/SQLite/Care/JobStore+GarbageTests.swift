import Foundation
import GRDB
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct JobStoreGarbageTests {
    private let folder: TemporaryFolder
    private let store: JobStore

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.jobs()
    }

    /// Whatever removes a job leaves word of its pictures.
    @Test func everyRemovalHandsThePicturesOver() throws {
        let ids = try store.enqueueSamples(3)
        for id in ids { _ = try store.cancel(id: id, now: .distantPast) }
        try store.delete(id: ids[0])
        #expect(try store.expire(Retention(maxAgeSeconds: 1)).map(\.id) == Array(ids[1...]))
        #expect(try store.garbage().sorted() == ids.sorted())
        #expect(try store.gone(Set(ids + ["x"])) == Set(ids))
        try store.forgetGarbage(ids)
        #expect(try store.garbage() == [])
        #expect(try store.gone(Set(ids)) == Set(ids[1...]), "expired ones are known for longer")
    }

    @Test func unknownIdsAreFoundManyAtOnce() throws {
        let known = try store.enqueueSamples(700), strange = (0..<700).map { _ in JobID.make() }
        #expect(try store.unknown(Set(known + strange)) == Set(strange))
        #expect(try store.unknown([]) == [])
    }

    @Test func aStoreKnowsWhetherItHasHeldJobs() throws {
        #expect(try !store.hasHeldJobs())
        let id = try store.enqueue(.sample()).id
        _ = try store.cancel(id: id)
        try store.delete(id: id)
        #expect(try store.hasHeldJobs())
    }

    /// What the file alone says of the end of the service that had it.
    @Test func howADatabaseWasLeftIsKnown() async throws {
        #expect(store.found == JobStore.Found(holdsLog: false, endedInOrder: false))
        try store.beginService()
        _ = try store.enqueue(.sample())
        #expect(try folder.jobs().found == JobStore.Found(holdsLog: true, endedInOrder: false), "as after a crash")
        try store.close(endsService: true)
        let log = folder.url.appendingPathComponent(JobStore.fileName + "-wal").path
        #expect(!WriteAheadLog.holdsFrames(log))
        #expect(try folder.jobs().found == JobStore.Found(holdsLog: false, endedInOrder: true))
        // The database's file alone, as somebody copies it, is all of it.
        let copy = try TemporaryFolder()
        try FileManager.default.copyItem(
            at: folder.url.appendingPathComponent(JobStore.fileName), to: copy.url.appendingPathComponent(JobStore.fileName))
        #expect(try copy.jobs().ids().count == 1)
    }

    @Test func aLogThatIsNoneIsTold() throws {
        let log = folder.url.appendingPathComponent(JobStore.fileName + "-wal")
        try store.beginService()
        _ = try store.enqueue(.sample())
        #expect(WriteAheadLog.holdsFrames(log.path))
        for bytes in [Data(), Data(count: 10), Data((0..<5_000).map { _ in UInt8.random(in: .min ... .max) })] {
            let file = folder.url.appendingPathComponent("log")
            try bytes.write(to: file)
            #expect(!WriteAheadLog.holdsFrames(file.path))
        }
        #expect(!WriteAheadLog.holdsFrames("/nowhere"))
    }

    /// What was deleted is in neither file any more once the log is emptied.
    @Test func nothingOfADeletedJobStaysInTheFiles() throws {
        var new = NewJob.sample()
        new.options = #"{"secret":"a rather private word"}"#
        let id = try store.enqueue(new).id
        _ = try store.cancel(id: id)
        try store.delete(id: id)
        try store.truncateLog()
        for name in [JobStore.fileName, JobStore.fileName + "-wal"] {
            let data = try Data(contentsOf: folder.url.appendingPathComponent(name))
            #expect(data.range(of: Data("a rather private word".utf8)) == nil, "\(name)")
        }
    }

    @Test func aFailedCommitIsRememberedUntilOneGoesThrough() throws {
        #expect(store.trouble == nil && !store.lastCommitFailed)
        try store.pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages)")
        }
        #expect(throws: StorageError.self) { while true { _ = try store.enqueue(.sample()) } }
        #expect(store.lastCommitFailed && store.trouble != nil)
        #expect(throws: StorageError.notFound(id: "x")) { try store.cancel(id: "x") }
        #expect(store.lastCommitFailed, "what is refused says nothing about the disk")
        try store.pool.writeWithoutTransaction { _ = try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1000000") }
        try store.probe()
        #expect(store.trouble == nil)
    }

    @Test func aReplacedDatabaseIsTold() throws {
        #expect(store.isInPlace)
        let file = folder.url.appendingPathComponent(JobStore.fileName)
        try FileManager.default.removeItem(at: file)
        #expect(!store.isInPlace)
        try Data().write(to: file)
        #expect(!store.isInPlace)
    }
}
