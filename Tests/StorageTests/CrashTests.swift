// What a client was told must be true after the process was killed. The bodies of these tests run in a process of their own.

import Foundation
import GRDB
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct CrashTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Writes the id that `enqueue` has just acknowledged where the parent process finds it.
    private static func acknowledge(_ id: String, _ file: Int32) {
        _ = (id + "\n").withCString { write(file, $0, strlen($0)) }
    }

    @Test func everyAcknowledgedJobSurvivesSIGKILL() async throws {
        let path = folder.url.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try JobStore(directory: URL(fileURLWithPath: path), maxQueued: 1000)
            let log = open(path + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            // Several threads are somewhere inside a transaction when one of them ends the process.
            _ = try onThreads(4) { thread in
                for count in 0... {
                    CrashTests.acknowledge(try store.enqueue(.sample()).id, log)
                    if thread == 0 && count == 20 { kill(getpid(), SIGKILL) }
                }
            }
        }
        let acknowledged = try String(contentsOf: folder.url.appendingPathComponent("acknowledged"), encoding: .utf8)
            .split(separator: "\n").map(String.init)
        #expect(acknowledged.count >= 21)
        let store = try folder.jobs()
        #expect(Set(acknowledged).isSubset(of: try store.ids()))
        #expect(try store.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
        #expect(try store.job(id: acknowledged[0])?.state == .queued)
    }

    @Test func aJobWhoseProcessWasKilledWaitsAgain() async throws {
        let path = folder.url.path
        let ids = try folder.jobs().enqueueSamples(2)
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try JobStore(directory: URL(fileURLWithPath: path), maxQueued: 10)
            let job = try store.claim(leaseSeconds: 3600, worker: "w")
            if let job, try store.setProgress(id: job.id, 0.5) { kill(getpid(), SIGKILL) }
        }
        let store = try folder.jobs()
        #expect(try store.job(id: ids[0])?.state == .running)
        #expect(try store.requeueRunning().map(\.state) == [.queued])
        let again = try #require(try store.claim(leaseSeconds: 1, worker: "w"))
        #expect((again.id, again.attempts, again.progress) == (ids[0], 2, 0))
    }

    @Test func aHalfWrittenPictureIsNeverSeenAndIsClearedAway() async throws {
        let path = folder.url.path
        let id = JobID.make()
        // The file-size limit ends the process (SIGXFSZ) in the middle of the picture.
        await #expect(processExitsWith: .signal(SIGXFSZ)) { [path = path as String, id = id as String] in
            let blobs = try BlobStore(directory: URL(fileURLWithPath: path + "/pictures"), reservedBytes: 0)
            var limit = rlimit(rlim_cur: 50_000, rlim_max: 50_000)
            guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(1) }
            // The signal may have come ignored or blocked from the parent; then the write would only fail.
            signal(SIGXFSZ, SIG_DFL)
            var noSignals = sigset_t()
            sigemptyset(&noSignals)
            pthread_sigmask(SIG_SETMASK, &noSignals, nil)
            try blobs.write(Data(count: 100_000), id: id, kind: .input)
        }
        let blobs = try folder.blobs()
        let left = try folder.pictures()
        #expect(left.count == 1 && left[0].hasSuffix(".partial"))
        #expect(throws: StorageError.notFound(id: id)) { try blobs.read(id: id, kind: .input) }
        let names = try blobs.names()
        #expect(names == BlobStore.Names(partial: left))
        try blobs.remove(names: names.partial)
        #expect(try folder.pictures() == [])
    }
}
