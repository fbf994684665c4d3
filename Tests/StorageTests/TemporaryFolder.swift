import Foundation
import GRDB

@testable import Storage

/// A real folder on a real file system, gone with the value, and the stores of the tests in it.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-storage-" + JobID.make())
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// A connection of its own to the one database of this folder.
    func jobs(maxQueued: Int = 1000) throws -> JobStore {
        try JobStore(directory: url, maxQueued: maxQueued)
    }

    func blobs(freeBytes: Int? = nil, reservedBytes: Int = 0) throws -> BlobStore {
        let space = freeBytes.map { free in FreeSpace { _ in free } } ?? .measured
        return try BlobStore(directory: url.appendingPathComponent("pictures"), reservedBytes: reservedBytes, freeSpace: space)
    }

    /// Names in the folder of the pictures.
    func pictures() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.appendingPathComponent("pictures").path).sorted()
    }
}

extension NewJob {
    /// A job that differs from others in its id only.
    static func sample(id: String = JobID.make(), requestedTimestep: Int? = nil) -> NewJob {
        NewJob(
            id: id, inputFormat: "jpeg", inputBytes: 1234, width: 1280, height: 720, inputHash: "ab12",
            requestedTimestep: requestedTimestep, options: #"{"quality":90}"#)
    }
}

extension JobStore {
    /// Of all jobs.
    func ids() throws -> Set<String> {
        try read { try String.fetchSet($0, sql: "SELECT id FROM job") }
    }

    /// Queues `count` jobs -> their ids, oldest first.
    func enqueueSamples(_ count: Int) throws -> [String] {
        try (0..<count).map { _ in try enqueue(.sample()).id }
    }

    /// Queues a job and takes it.
    func claimSample() throws -> Job? {
        _ = try enqueue(.sample())
        return try claim(leaseSeconds: 60, worker: "w")
    }
}

/// Runs `body` on `count` threads at once -> what each gave, in order; the first error is thrown.
func onThreads<T: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) throws -> T) throws -> [T] {
    let results = Results<T>()
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        Thread.detachNewThread {
            results.add(index, Result { try body(index) })
            group.leave()
        }
    }
    group.wait()
    return try results.inOrder().map { try $0.get() }
}

/// Guarded by its lock.
private final class Results<T: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var byIndex: [Int: Result<T, any Error>] = [:]

    func add(_ index: Int, _ result: Result<T, any Error>) {
        lock.withLock { byIndex[index] = result }
    }

    func inOrder() -> [Result<T, any Error>] {
        lock.withLock { byIndex.sorted { $0.key < $1.key }.map(\.value) }
    }
}
