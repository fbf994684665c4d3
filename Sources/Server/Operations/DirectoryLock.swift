import Foundation
import Storage

/// One process at a time serves a data folder.
///
/// A second one would take the first one's running jobs for lost ones. The lock (flock(2)) goes with the process however it ends,
/// so a crash leaves nothing to clean up.
///
/// Held for as long as the object lives.
public final class DirectoryLock: Sendable {
    public struct Held: Error, CustomStringConvertible {
        public let path: String
        public var description: String {
            "another process serves the folder \(path); stop it, or choose another folder with --data"
        }
    }

    private let descriptor: Int32
    private let path: String

    /// - Parameter directory: exists.
    /// - Throws: `Held`, `StorageError.file`
    public init(_ directory: URL) throws {
        path = directory.appendingPathComponent("lock").path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageError.file(operation: "open", path: path, code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno  // `deinit` closes: all of the object is set
            throw code == EWOULDBLOCK ? Held(path: directory.path) : StorageError.file(operation: "flock", path: path, code: code)
        }
    }

    /// Whether the path still leads to the file that is locked.
    var isInPlace: Bool { FileIdentity(descriptor: descriptor)?.isAt(path) ?? true }

    deinit {
        close(descriptor)
    }
}
