import Foundation
import Testing
@testable import Storage

/// errno as an error.
@Suite(.timeLimit(.minutes(60))) struct StorageErrorPOSIXTests {
    @Test(arguments: [(ENOSPC, true), (EDQUOT, true), (EFBIG, true), (EACCES, false), (EIO, false), (EROFS, false)])
    func aLackOfRoomHasItsOwnCase(code: Int32, isFull: Bool) {
        let error = StorageError.file(operation: "write", path: "/p", code: code)
        #expect(error.diskFullIfNoSpace(neededBytes: 7, freeBytes: 3) == (isFull ? .diskFull(neededBytes: 7, freeBytes: 3) : error))
        #expect(StorageError.notFound(id: "x").diskFullIfNoSpace(neededBytes: 7, freeBytes: nil) == .notFound(id: "x"))
    }

    @Test func theLastCallsErrnoIsTaken() {
        #expect(open("/nowhere/file", O_RDONLY) == -1)
        #expect(StorageError.failed("open", "/nowhere/file") == .file(operation: "open", path: "/nowhere/file", code: ENOENT))
    }
}
