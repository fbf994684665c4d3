import GRDB

/// SQLite's result codes (sqlite.org/rescode.html) -> StorageError.
extension StorageError {
    /// - Parameters:
    ///   - commitBytes: what a commit may need.
    ///   - freeBytes: what the disk has; nil = could not be measured.
    init(_ error: DatabaseError, commitBytes: Int, freeBytes: Int?) {
        let message = error.message ?? String(describing: error.resultCode)
        switch error.resultCode {
        case .SQLITE_FULL:
            self = .diskFull(neededBytes: commitBytes, freeBytes: freeBytes ?? 0)
        case .SQLITE_IOERR where (freeBytes ?? .max) < commitBytes:
            // A full disk shows as an I/O error where SQLite extends its shared-memory index or flushes.
            self = .diskFull(neededBytes: commitBytes, freeBytes: freeBytes ?? 0)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self = .corruptDatabase(message)
        default:
            self = .database(code: Int(error.extendedResultCode.rawValue), message: message)
        }
    }
}
