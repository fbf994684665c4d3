import Foundation
import GRDB
import Logging
import Storage
import Testing
@testable import Server

/// A start, a stop and a folder that is not the one it was.
@Suite(.timeLimit(.minutes(60))) struct RecoveryTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-recovery-\(JobID.make())")

    private var database: URL { folder.appendingPathComponent(JobStore.fileName) }

    /// A folder as a service leaves it that is gone: with finished jobs, and strange pictures.
    private func prepare(jobs count: Int = 1, strange: Int, endsInOrder: Bool = false) throws -> (JobStore, [String]) {
        let jobs = try JobStore(directory: folder, maxQueued: 100)
        let blobs = try BlobStore(directory: folder.appendingPathComponent("pictures"))
        try jobs.beginService()
        for _ in 0..<count { _ = try Intake(jobs: jobs, blobs: blobs, maxPixels: 10_000).accept(ServicePictures.picture()) }
        let ids = (0..<strange).map { _ in JobID.make() }
        for id in ids { try blobs.write(Data([1]), id: id, kind: .input) }
        if endsInOrder { try jobs.close(endsService: true) }
        return (jobs, ids)
    }

    private func recover() throws -> (removed: Int, pictures: Int, quarantined: Int) {
        let jobs = try JobStore(directory: folder, maxQueued: 100)
        let blobs = try BlobStore(directory: folder.appendingPathComponent("pictures"))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let removed = try Recovery(folder: folder, jobs: jobs, blobs: blobs, logger: logger).run()
        let aside = try? FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("quarantine").path)
        return (removed, try blobs.files().count, aside?.count ?? 0)
    }

    private func withFolder(_ body: () throws -> Void) rethrows {
        defer { try? FileManager.default.removeItem(at: folder) }
        try body()
    }

    @Test func aHandfulAfterACrashIsRubbish() throws {
        try withFolder {
            let (open, _) = try prepare(strange: 3)
            #expect(try recover() == (3, 1, 0))
            withExtendedLifetime(open) {}
        }
    }

    @Test func moreThanACrashLeavesIsKept() throws {
        try withFolder {
            let (open, _) = try prepare(strange: Recovery.handful + 1)
            #expect(try recover() == (0, 1, Recovery.handful + 1))
            withExtendedLifetime(open) {}
        }
    }

    @Test func anOrderlyStopLeavesNoneAndSoAllAreKept() throws {
        try withFolder {
            _ = try prepare(strange: 2, endsInOrder: true)
            #expect(try recover() == (0, 1, 2))
        }
    }

    /// The log is gone, and with it what it held: the pictures of the jobs in it are not rubbish.
    @Test(arguments: [Data?.none, Data(), Data(repeating: 7, count: 9_000)])
    func aLostLogCostsNoPicture(_ log: Data?) throws {
        try withFolder {
            let (open, _) = try prepare(jobs: 2, strange: 0)
            // The first job is in the file, two more in the log that goes missing.
            try open.truncateLog()
            let blobs = try BlobStore(directory: folder.appendingPathComponent("pictures"))
            for _ in 0..<2 { _ = try Intake(jobs: open, blobs: blobs, maxPixels: 10_000).accept(ServicePictures.picture()) }
            let copy = folder.appendingPathComponent("copy")
            try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: false)
            try FileManager.default.copyItem(at: database, to: copy.appendingPathComponent(JobStore.fileName))
            if let log { try log.write(to: copy.appendingPathComponent(JobStore.fileName + "-wal")) }
            let jobs = try JobStore(directory: copy, maxQueued: 10)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            #expect(try Recovery(folder: copy, jobs: jobs, blobs: blobs, logger: logger).run() == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: copy.appendingPathComponent("quarantine").path).count == 2)
        }
    }

    @Test func manyWithoutALogAreRefused() throws {
        try withFolder {
            _ = try prepare(strange: Recovery.handful + 1).0.close()
            #expect(throws: Recovery.UnknownPictures.self) { try recover() }
            #expect(try BlobStore(directory: folder.appendingPathComponent("pictures")).files().count == Recovery.handful + 2)
        }
    }

    /// Somebody removed the database: the service says what to do, and touches nothing; check --repair is the way out.
    @Test func aNewDatabaseBesidePicturesIsRefused() throws {
        try withFolder {
            _ = try prepare(jobs: 2, strange: 0).0.close()
            for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: database.path + end) }
            for _ in 0..<2 {
                let error = #expect(throws: Recovery.UnknownPictures.self) { try recover() }
                #expect(error?.description.contains("check --repair") == true && error?.count == 2)
            }
            let findings = try DataCheck(DataFolder(folder), repairs: true).run()
            #expect(findings.count == 2 && findings.allSatisfy { $0.repair == "it was moved to quarantine/" })
            #expect(try recover() == (0, 0, 2))
        }
    }

    /// Deleted, but the files could not be removed: the next start does.
    @Test func picturesOfDeletedJobsAreRubbishHoweverMany() throws {
        try withFolder {
            let (jobs, _) = try prepare(jobs: 20, strange: 0)
            for job in try jobs.list(JobQuery(limit: 50)).jobs {
                _ = try jobs.cancel(id: job.id)
                try jobs.delete(id: job.id)
            }
            try jobs.close(endsService: true)
            #expect(try recover() == (20, 0, 0))
            #expect(try JobStore(directory: folder, maxQueued: 1).garbage() == [])
        }
    }

    /// The service's own end: everything is in the one file, and the next start knows that nothing was under way.
    @Test func anOrderlyStopLeavesTheDatabaseWhole() throws {
        try withFolder {
            var configuration = Server.Configuration(dataDirectory: folder)
            configuration.port = 0
            configuration.drainSeconds = 0
            let service = try Service(configuration: configuration, deblurrer: nil)
            _ = try service.start()
            let blobs = try BlobStore(directory: folder.appendingPathComponent("pictures"))
            let beside = try JobStore(directory: folder, maxQueued: 10)
            let id = try Intake(jobs: beside, blobs: blobs, maxPixels: 10_000).accept(ServicePictures.picture()).id
            try beside.close()
            service.stop()
            let copy = folder.appendingPathComponent("copy")
            try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: false)
            try FileManager.default.copyItem(at: database, to: copy.appendingPathComponent(JobStore.fileName))
            let jobs = try JobStore(directory: copy, maxQueued: 1)
            #expect(try jobs.job(id: id) != nil)
            #expect(jobs.found.endedInOrder)
        }
    }

    @Test(arguments: [JobStore.fileName, "pictures", "lock"])
    func aFolderThatIsReplacedStopsTheService(_ what: String) throws {
        try withFolder {
            let lock: DirectoryLock, jobs = try JobStore(directory: folder, maxQueued: 1)
            let blobs = try BlobStore(directory: folder.appendingPathComponent("pictures"))
            lock = try DirectoryLock(folder)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let watch = FolderWatch(folder: folder, jobs: jobs, blobs: blobs, lock: lock, logger: logger)
            try watch.requireFolder()
            let lost = DispatchSemaphore(value: 0)
            watch.start(everySeconds: 0.02) { _ in lost.signal() }
            let place = folder.appendingPathComponent(what)
            try FileManager.default.moveItem(at: place, to: folder.appendingPathComponent("moved"))
            #expect(lost.wait(timeout: .now() + GatedEngine.patienceSeconds) == .success)
            #expect(throws: FolderWatch.Lost.self) { try watch.requireFolder() }
        }
    }
}
