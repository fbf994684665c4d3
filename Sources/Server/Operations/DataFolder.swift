import Foundation
import Storage

/// What lies in a data folder: fidediff.sqlite, pictures/, lock, and quarantine/ once something was set aside.
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
    /// Whether a service worked in the folder when it was opened.
    public let isServed: Bool
    private let lock: DirectoryLock?

    static func pictures(in directory: URL) -> URL { directory.appendingPathComponent("pictures") }
    static func quarantine(in directory: URL) -> URL { directory.appendingPathComponent("quarantine") }
    var quarantine: URL { Self.quarantine(in: directory) }

    /// Makes the folder where it is missing, open to its owner only.
    /// - Throws: `StorageError.file`
    public static func create(_ directory: URL) throws {
        _ = try BlobStore(directory: pictures(in: directory))
    }

    /// Locks the folder if nobody has. Under a running service nothing of the database's shape is changed.
    /// - Parameters:
    ///   - createsDatabase: for a folder that no service has used yet.
    ///   - keepsOut: no service may start while this lives. Who only reads does not stand in a start's way.
    /// - Throws: `StorageError.file` when there is no database; `OlderVersion`, `StorageError`, `POSIXError`
    public init(_ directory: URL, createsDatabase: Bool = false, keepsOut: Bool = false) throws {
        if createsDatabase { try JobStore.createIfMissing(directory: directory) }
        let pending = try JobStore.pendingMigrations(directory: directory)
        var lock: DirectoryLock?
        do {
            lock = try DirectoryLock(directory)
        } catch is DirectoryLock.Held {
            guard pending.isEmpty else { throw OlderVersion() }
        }
        isServed = lock == nil
        self.directory = directory
        // Puts nothing in the queue.
        jobs = try JobStore(directory: directory, maxQueued: 0)
        blobs = try BlobStore(directory: Self.pictures(in: directory))
        self.lock = keepsOut ? lock : nil
    }

    /// Whether a service works in the folder by now.
    func isServedNow() throws -> Bool {
        guard lock == nil else { return false }
        do {
            _ = try DirectoryLock(directory)
            return false
        } catch is DirectoryLock.Held {
            return true
        }
    }
}
