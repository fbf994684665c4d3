import Foundation
import Storage

/// What lies in a data folder: fidediff.sqlite, pictures/, lock, and quarantine/ once `check --repair` has set something aside.
///
/// A data folder as the commands beside the service open it: alone, or while a service works in it.
public struct DataFolder: Sendable {
    public struct OlderVersion: Error, CustomStringConvertible {
        public var description: String {
            "the service that uses this folder is of an older version than this program; use its own program, or stop it first"
        }
    }

    public let directory: URL
    public let jobs: JobStore
    public let blobs: BlobStore
    /// The folder's lock; nil while a service works in it.
    let lock: DirectoryLock?

    public var isServed: Bool { lock == nil }

    static func pictures(in directory: URL) -> URL { directory.appendingPathComponent("pictures") }
    var quarantine: URL { directory.appendingPathComponent("quarantine") }

    /// Locks the folder if nobody has. Under a running service nothing of the database's shape is changed.
    /// - Parameter createsDatabase: for a folder that no service has used yet.
    /// - Throws: `StorageError.file` when there is no database; `OlderVersion`, `StorageError`, `POSIXError`
    public init(_ directory: URL, createsDatabase: Bool = false) throws {
        if createsDatabase { try JobStore.createIfMissing(directory: directory) }
        let pending = try JobStore.pendingMigrations(directory: directory)
        do {
            lock = try DirectoryLock(directory)
        } catch is DirectoryLock.Held {
            lock = nil
            guard pending.isEmpty else { throw OlderVersion() }
        }
        self.directory = directory
        // Puts nothing in the queue.
        jobs = try JobStore(directory: directory, maxQueued: 0)
        blobs = try BlobStore(directory: Self.pictures(in: directory))
    }
}
