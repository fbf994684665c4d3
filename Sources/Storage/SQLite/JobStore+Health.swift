import Foundation
import GRDB

/// What the store knows of its own state: how the database was found, whether the last commit went through, whether a page is damaged.
extension JobStore {
    /// How the database was found when it was opened.
    public struct Found: Sendable, Equatable {
        /// The write-ahead log held commits, as a crash leaves it.
        public let holdsLog: Bool
        /// The service that had it last stopped in order: nothing was under way.
        public let endedInOrder: Bool
    }

    struct Health: Sendable {
        var lastWriteFailure: StorageError?
        var damage: String?
    }

    /// `user_version` of the database's header. 0: no service of this version has had it.
    enum ServiceMark: Int {
        case serving = 1
        case ended = 2
    }

    /// Why nothing can be stored now; nil when the last commit went through and no page was found damaged.
    public var trouble: StorageError? {
        health.withLock { $0.damage.map(StorageError.corruptDatabase) ?? $0.lastWriteFailure }
    }

    /// Whether the last commit failed; `probe` finds out whether one goes through again.
    public var lastCommitFailed: Bool { health.withLock { $0.lastWriteFailure != nil } }

    /// Whether a page was found damaged; `examine` looks whether it is.
    public var foundDamage: Bool { health.withLock { $0.damage != nil } }

    /// Looks through the whole file: a read that fails once may pass for damage. A second or two for a million jobs.
    public func examine() throws {
        // After a commit all connections read anew what they hold.
        try probe()
        let found = try read { try String.fetchAll($0, sql: "PRAGMA quick_check(1)") }
        health.withLock { $0.damage = found == ["ok"] ? nil : found.first }
    }

    /// A service begins: the database says so, in the file itself and not in its log, so that a log that goes missing can be told.
    public func beginService() throws {
        try mark(.serving)
        try truncateLog()
    }

    /// A commit that changes nothing.
    public func probe() throws {
        try mark(.serving)
    }

    /// Moves the log into the database and empties it, so that nothing stays there of what was deleted. While somebody reads, it is left
    /// for the next time: waiting would hold up all writers.
    public func truncateLog() throws {
        try writeStatement { db in
            try db.execute(sql: "PRAGMA busy_timeout = 0")
            defer { try? db.execute(sql: "PRAGMA busy_timeout = \(Int(Self.busyTimeoutSeconds * 1_000))") }
            do { try db.checkpoint(.truncate) } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {}
        }
    }

    func mark(_ mark: ServiceMark) throws {
        try write { try $0.execute(sql: "PRAGMA user_version = \(mark.rawValue)") }
    }

    func noting<T>(_ write: () throws -> T) throws -> T {
        do {
            let value = try write()
            health.withLock { $0.lastWriteFailure = nil }
            return value
        } catch let error as StorageError {
            // What was refused for its own sake says nothing about the disk.
            if error.isTransient { health.withLock { $0.lastWriteFailure = error } }
            throw error
        }
    }
}
