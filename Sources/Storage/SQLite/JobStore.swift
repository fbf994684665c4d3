import Foundation
import GRDB
import Synchronization

/// The jobs, in `fidediff.sqlite` in a folder of their own, and the connections to it.
///
/// What a client was told survives the loss of power: write-ahead log, synchronous=FULL, so each commit is flushed before
/// the call returns (sqlite.org/pragma.html#pragma_synchronous). One connection writes, several read beside it and see
/// the last commit. Other processes may have the file open too: a writer waits for `busyTimeoutSeconds`, and every change
/// is one statement or one immediate transaction, so no two of them decide on the same state.
///
/// Calls block until they are done, and may come from any thread. Clients' side: JobStore+Queue.swift, JobStore+List.swift;
/// workers' side: JobStore+Work.swift, JobStore+Requeue.swift. Storage knows no picture, and keeps no bytes here: BlobStore.swift.
///
/// The durable queue of jobs. All its methods throw `StorageError`.
public final class JobStore: Sendable {
    public static let fileName = "fidediff.sqlite"
    static let busyTimeoutSeconds = 10.0
    /// What a commit may need at most: pages of the row, its indices and the log's frames.
    private static let commitBytes = 64 << 10

    /// The most jobs in state `queued`; running ones do not count.
    public let maxQueued: Int
    let pool: DatabasePool
    /// How the database was found when it was opened.
    public let found: Found
    let health = Mutex(Health())
    private let identity: FileIdentity?
    private let directory: URL
    private let freeSpace: FreeSpace
    /// Statements that connections keep ready must not be used once those are closed: SQLite would follow a null pointer.
    private let closed = Atomic(false)

    /// Opens the database in `directory`, making both where they are missing, and brings it up to date.
    /// - Throws: `newerDatabase`, `corruptDatabase`, `diskFull`, `file`, `database`
    public convenience init(directory: URL, maxQueued: Int) throws {
        try self.init(directory: directory, maxQueued: maxQueued, freeSpace: .measured)
    }

    /// - Parameter trace: told of every statement that is run, on each connection
    init(directory: URL, maxQueued: Int, freeSpace: FreeSpace, trace: (@Sendable (String) -> Void)? = nil) throws {
        self.directory = directory
        self.maxQueued = maxQueued
        self.freeSpace = freeSpace
        try DurableFile.makeDirectory(directory)
        let path = directory.appendingPathComponent(Self.fileName).path
        let holdsLog = WriteAheadLog.holdsFrames(path + "-wal")
        pool = try Self.translating(directory, freeSpace) {
            // Two programs that find a new or old file at once must not both bring it up to date.
            try DurableFile.withLockedDirectory(directory) {
                try Self.open(path, trace)
            }
        }
        try DurableFile.synchronizeDirectory(directory)
        identity = FileIdentity(path)
        let mark = try Self.translating(directory, freeSpace) { [pool] in
            try pool.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
        }
        found = Found(holdsLog: holdsLog, endedInOrder: mark == ServiceMark.ended.rawValue)
    }

    /// Closes all connections. Later calls throw `database`.
    /// - Parameter endsService: leaves word that the service which had the database has stopped in order.
    public func close(endsService: Bool = false) throws {
        if endsService { try? mark(.ended) }
        try translating {
            // The writer is closed before the readers, and the last one to close cannot write; so the log is moved into the
            // database here. Where another process reads, it stays, and nothing is lost.
            _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            closed.store(true, ordering: .releasing)
            try pool.close()
        }
    }

    private static func open(_ path: String, _ trace: (@Sendable (String) -> Void)?) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.label = "fidediff"
        configuration.busyMode = .timeout(busyTimeoutSeconds)
        // secure_delete: what is deleted is overwritten, whatever the library was built with. temp_store: SQLite would write what a statement
        // needs beyond 64 KiB to undo or to sort into /var/tmp, where the confined service may not write, and others could read it.
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY")
            if let trace { db.trace { if case .statement(let statement) = $0 { trace(statement.sql) } } }
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        // The pool has turned its writer to NORMAL, after the preparation above.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }

        let unknown = try pool.read { db in
            try Migrations.all.appliedIdentifiers(db).subtracting(Migrations.all.migrations)
        }
        guard unknown.isEmpty else { throw StorageError.newerDatabase(unknownMigrations: unknown.sorted()) }
        try Migrations.all.migrate(pool)
        return pool
    }

    /// Runs `updates` in one immediate transaction, on disk on return; nothing is changed when it throws.
    func write<T>(_ updates: (Database) throws -> T) throws -> T {
        try noting { try whileOpen { try pool.write(updates) } }
    }

    /// Runs a single statement, which is its own transaction, on disk on return.
    func writeStatement<T>(_ update: (Database) throws -> T) throws -> T {
        try noting { try whileOpen { try pool.writeWithoutTransaction(update) } }
    }

    /// Runs `value` on one unchanging view of the database.
    func read<T>(_ value: (Database) throws -> T) throws -> T {
        try whileOpen { try pool.read(value) }
    }

    /// Runs a single statement that only reads, and sees one state of the database without a transaction around it.
    func readStatement<T>(_ value: (Database) throws -> T) throws -> T {
        try whileOpen { try pool.unsafeRead(value) }
    }

    private func whileOpen<T>(_ body: () throws -> T) throws -> T {
        guard !closed.load(ordering: .acquiring) else {
            throw StorageError.database(code: Int(ResultCode.SQLITE_MISUSE.rawValue), message: "the store is closed")
        }
        return try translating {
            do {
                return try body()
            } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
                health.withLock { $0.damage = error.message ?? "\(error.resultCode)" }
                throw error
            }
        }
    }

    /// Whether the path still leads to the file that is open.
    public var isInPlace: Bool {
        identity?.isAt(directory.appendingPathComponent(Self.fileName).path) ?? true
    }

    private func translating<T>(_ body: () throws -> T) throws -> T {
        try Self.translating(directory, freeSpace, body)
    }

    static func translating<T>(_ directory: URL, _ freeSpace: FreeSpace, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StorageError(error, commitBytes: commitBytes, freeBytes: try? freeSpace.bytes(directory.path))
        } catch let error as RowDecodingError {
            throw StorageError.corruptDatabase(String(describing: error))
        }
    }
}
