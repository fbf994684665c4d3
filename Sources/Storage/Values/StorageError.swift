/// Everything that this module throws.
///
/// Why storage refused or failed. Each case carries the limit and the measured value.
public enum StorageError: Error, Equatable {
    /// The queue holds `queued` jobs and takes no more than `limit`; nothing was stored.
    case queueFull(limit: Int, queued: Int)
    /// The queue has `left` places left, and `held` jobs of this API key, which others are to have a chance beside.
    case queueShareUsed(left: Int, held: Int)
    /// The disk, the quota or the process's file-size limit has no room; nothing was stored.
    case diskFull(neededBytes: Int, freeBytes: Int)
    /// No such job, or no such file of a job.
    case notFound(id: String)
    /// The job is there, but what was asked does not fit its state.
    case conflict(id: String, state: JobState)
    /// The idempotency key belongs to the request that made job `id`, which asked for something else.
    case idempotencyKeyReused(id: String)
    /// Not a cursor that a list gave out, or one of a list with other conditions.
    case invalidCursor(String)
    /// A page of `found` jobs was asked for; 1...`maximum` are possible.
    case limitOutOfRange(found: Int, maximum: Int)
    /// The file is not a database, is damaged, or holds a value that no version writes.
    case corruptDatabase(String)
    /// The file was written by a newer program; its migrations that this one does not know.
    case newerDatabase(unknownMigrations: [String])
    /// SQLite failed in another way; `code` is its extended result code (sqlite.org/rescode.html).
    case database(code: Int, message: String)
    /// A system call on a file failed; `code` is errno.
    case file(operation: String, path: String, code: Int32)
}

extension StorageError {
    /// Whether it tells of the disk, of descriptors, of memory or of the database, and not of what was asked: the same may work later.
    public var isTransient: Bool {
        switch self {
        case .diskFull, .corruptDatabase, .file: true
        // A row that breaks the table's rules (SQLITE_CONSTRAINT, whatever its extended code) breaks them each time.
        case .database(let code, _): code & 0xff != 19
        case .queueFull, .queueShareUsed, .notFound, .conflict, .idempotencyKeyReused, .invalidCursor, .limitOutOfRange, .newerDatabase:
            false
        }
    }
}

extension StorageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .queueFull(let limit, let queued):
            "the queue is full: \(queued) jobs wait, the limit is \(limit); try again later"
        case .queueShareUsed(let left, let held):
            "\(held) jobs of this API key wait, and \(left) places are left, which is the most that one key may have waiting; try again later"
        case .diskFull(let needed, let free):
            "the disk is full: \(needed) bytes are needed, \(free) are free; delete finished jobs or add space"
        case .notFound(let id):
            "there is no job \(id)"
        case .conflict(let id, let state):
            "job \(id) is \(state.rawValue), which does not allow this"
        case .idempotencyKeyReused(let id):
            "the idempotency key was used by the request that made job \(id), which asked for something else; use a new key"
        case .invalidCursor(let cursor):
            "the cursor '\(cursor)' does not belong to this list; start again without one"
        case .limitOutOfRange(let found, let maximum):
            "a page of \(found) jobs was asked for; ask for 1 to \(maximum)"
        case .corruptDatabase(let reason):
            "the database is damaged: \(reason); restore a backup or move the file away"
        case .newerDatabase(let unknown):
            "the database was written by a newer version (\(unknown.joined(separator: ", "))); install that version"
        case .database(let code, let message):
            "SQLite error \(code): \(message)"
        case .file(let operation, let path, let code):
            "\(operation) of \(path) failed: \(errorText(code))"
        }
    }
}
