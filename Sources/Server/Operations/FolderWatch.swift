import Foundation
import Logging
import Storage
import Synchronization

/// Looks now and then whether the service still has the folder that its path leads to, and whether what failed works again.
///
/// Whoever removes or replaces the folder under a running service would have it accept into files that nobody finds again. PostgreSQL
/// does the same with its lock file (RecheckDataDirLockFile).
final class FolderWatch: Sendable {
    struct Lost: Error, CustomStringConvertible {
        let path: String
        let what: String
        var description: String {
            "\(path): the \(what) that the service has open is no longer the one at this path; it was removed or replaced. Start the service again"
        }
    }

    private static let lookSeconds = 5.0
    /// From one look through the whole database to the next, where it is damaged.
    private static let examineSeconds = 60.0

    private let folder: URL
    private let jobs: JobStore
    private let blobs: BlobStore
    private let lock: DirectoryLock?
    private let logger: Logger
    private let timer = Mutex<QueueTimer?>(nil)
    private let examined = Mutex<MonotonicInstant?>(nil)

    init(folder: URL, jobs: JobStore, blobs: BlobStore, lock: DirectoryLock?, logger: Logger) {
        self.folder = folder
        self.jobs = jobs
        self.blobs = blobs
        self.lock = lock
        self.logger = logger
    }

    /// - Parameter lost: called once when the folder is another
    func start(everySeconds: Double = lookSeconds, _ lost: @escaping @Sendable (Lost) -> Void) {
        let timer = QueueTimer(every: everySeconds, label: "fidediff.folder") { [weak self] in
            guard let self, self.timer.withLock({ $0 != nil }) else { return }
            do throws(Lost) {
                try self.requireFolder()
                self.probe()
            } catch {
                self.stop()
                self.logger.critical("the data folder is lost", metadata: ["error": "\(error)"])
                lost(error)
            }
        }
        self.timer.withLock { $0 = timer }
    }

    func stop() {
        timer.withLock { $0 = nil }
    }

    func requireFolder() throws(Lost) {
        if !jobs.isInPlace { throw Lost(path: folder.path, what: "database") }
        if !blobs.isInPlace { throw Lost(path: folder.path, what: "folder of pictures") }
        if let lock, !lock.isInPlace { throw Lost(path: folder.path, what: "lock") }
    }

    /// What failed is tried again here, and not by the next client's picture: nobody sends one to a service that is not ready.
    private func probe() {
        if jobs.lastCommitFailed { try? jobs.probe() }
        if blobs.trouble != nil { try? blobs.probe() }
        if jobs.foundDamage, examined.withLock({ $0.map { $0.advanced(bySeconds: Self.examineSeconds) <= .now() } ?? true }) {
            try? jobs.examine()
            examined.withLock { $0 = .now() }
        }
    }
}
