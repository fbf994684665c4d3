import GRDB
import Testing
@testable import Storage

/// SQLite's codes as errors.
@Suite(.timeLimit(.minutes(60))) struct StorageErrorSQLiteTests {
    private func error(_ code: ResultCode, free: Int? = 1 << 30) -> StorageError {
        StorageError(DatabaseError(resultCode: code, message: "m"), commitBytes: 64 << 10, freeBytes: free)
    }

    @Test func aFullDiskHasItsOwnCase() {
        #expect(error(.SQLITE_FULL, free: 9) == .diskFull(neededBytes: 64 << 10, freeBytes: 9))
        #expect(error(.SQLITE_FULL, free: nil) == .diskFull(neededBytes: 64 << 10, freeBytes: 0))
        // Where the index in shared memory cannot grow: a full disk or a broken one, and the free space tells.
        let broken = StorageError.database(code: 4874, message: "m")
        #expect(error(.SQLITE_IOERR_SHMSIZE, free: (64 << 10) - 1) == .diskFull(neededBytes: 64 << 10, freeBytes: (64 << 10) - 1))
        #expect(error(.SQLITE_IOERR_SHMSIZE, free: 64 << 10) == broken && error(.SQLITE_IOERR_SHMSIZE, free: nil) == broken)
    }

    @Test func damageAndTheRestAreToldApart() {
        #expect(error(.SQLITE_CORRUPT) == .corruptDatabase("m") && error(.SQLITE_NOTADB) == .corruptDatabase("m"))
        #expect(error(.SQLITE_IOERR) == .database(code: 10, message: "m") && error(.SQLITE_BUSY) == .database(code: 5, message: "m"))
    }
}
