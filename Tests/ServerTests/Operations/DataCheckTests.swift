import Foundation
import Storage
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct DataCheckTests {
    private let directory: URL
    private let ids: [String]

    /// A folder as a stopped service leaves it: two succeeded jobs and one that waits.
    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-check-\(JobID.make())")
        let fixture = try ServiceFixture(folder: directory)
        fixture.keepsFolder = true
        var ids = try (0..<2).map { _ in try fixture.submit(ServicePictures.picture()) }
        for id in ids { _ = try fixture.finished(id) }
        fixture.service.stop()
        ids.append(
            try Intake(jobs: fixture.jobs, blobs: fixture.blobs, maxPixels: 10_000)
                .accept(ServicePictures.picture()).id)
        self.ids = ids
        try fixture.jobs.close()
    }

    private func check(repairs: Bool = false) throws -> [DataFinding] {
        try DataCheck(DataFolder(directory), repairs: repairs).run()
    }

    private func file(_ id: String, _ kind: String) -> URL { directory.appendingPathComponent("pictures/\(id).\(kind)") }

    @Test func aSoundFolderHasNoFindings() throws {
        #expect(try check() == [])
        #expect(try check(repairs: true) == [])
    }

    @Test func pictureFaultsAreFoundAndSetAside() throws {
        // One byte changed, one byte missing.
        var bytes = try Data(contentsOf: file(ids[0], "output"))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file(ids[0], "output"))
        try Data(contentsOf: file(ids[1], "input")).dropLast().write(to: file(ids[1], "input"))
        let found = try check()
        #expect(Set(found.map { "\($0.kind.rawValue) \($0.subject)" }) == ["wrong_output \(ids[0])", "wrong_input \(ids[1])"])
        #expect(found.allSatisfy { $0.repair == nil })

        #expect(try check(repairs: true).allSatisfy { $0.repair?.contains("quarantine") == true })
        #expect(try Data(contentsOf: directory.appendingPathComponent("quarantine/\(ids[0]).output")) == bytes)
        // What is set aside is missing; the service says so.
        #expect(Set(try check().map(\.kind)) == [.missingOutput, .missingInput])
        let fixture = try ServiceFixture(folder: directory)
        fixture.keepsFolder = true
        #expect(try fixture.call("GET", "/v1/jobs/\(ids[0])/result").problem == "result_gone")
    }

    @Test func aJobWithoutItsInputFails() throws {
        try FileManager.default.removeItem(at: file(ids[2], "input"))
        #expect(try check().map(\.kind) == [.missingInput])
        #expect(try check(repairs: true).first?.repair == "the job has failed")
        let job = try #require(try DataFolder(directory).jobs.job(id: ids[2]))
        #expect((job.state, job.problemType) == (.failed, "input_gone"))
    }

    @Test func filesWithoutAJobAreRemovedAndOthersStay() throws {
        for name in ["\(JobID.make()).output", "\(ids[0]).output.\(JobID.make()).partial", "notes.txt"] {
            try Data("x".utf8).write(to: directory.appendingPathComponent("pictures/\(name)"))
        }
        #expect(try check().map(\.kind) == [.orphanFile, .orphanFile])
        #expect(try check(repairs: true).allSatisfy { $0.repair != nil })
        #expect(try check() == [])
        #expect(FileManager.default.fileExists(atPath: directory.appendingPathComponent("pictures/notes.txt").path))
    }

    @Test func jobsThatACrashLeftRunningWaitAgain() throws {
        do {
            let jobs = try JobStore(directory: directory, maxQueued: 1)
            #expect(try jobs.claim(leaseSeconds: 60, worker: "gone")?.id == ids[2])
            try jobs.close()
        }
        #expect(try check().map(\.kind) == [.interruptedJob])
        #expect(try check(repairs: true).first?.repair != nil)
        #expect(try DataFolder(directory).jobs.job(id: ids[2])?.state == .queued)
    }

    /// While a service has the folder, its running job and its unfinished files are no findings.
    @Test func aServedFolderIsOnlyLookedAt() throws {
        let lock = try DirectoryLock(directory)
        try Data("x".utf8).write(to: file(JobID.make(), "input"))
        let folder = try DataFolder(directory)
        #expect(folder.isServed)
        #expect(try DataCheck(folder, repairs: false).run() == [])
        withExtendedLifetime(lock) {}
    }

    @Test func aDamagedDatabaseIsSaid() throws {
        let path = directory.appendingPathComponent(JobStore.fileName)
        var bytes = try Data(contentsOf: path)
        for index in 4_096..<min(bytes.count, 20_000) { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
        try bytes.write(to: path)
        do {
            #expect(try check().contains { $0.kind == .damagedDatabase && $0.repair == nil })
        } catch let error as StorageError {
            guard case .corruptDatabase = error else { throw error }
        }
    }
}
