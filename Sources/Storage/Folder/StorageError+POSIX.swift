import Foundation

/// Errno -> StorageError.
extension StorageError {
    /// The system call that has just failed; read before anything else can change errno.
    static func failed(_ operation: String, _ path: String) -> StorageError {
        .file(operation: operation, path: path, code: errno)
    }

    /// `diskFull` when the cause was a lack of room, else itself: no block free (ENOSPC), the user's quota used up (EDQUOT),
    /// or the process's file-size limit reached (EFBIG, RLIMIT_FSIZE).
    func diskFullIfNoSpace(neededBytes: Int, freeBytes: Int?) -> StorageError {
        switch self {
        case .file(_, _, ENOSPC), .file(_, _, EDQUOT), .file(_, _, EFBIG):
            .diskFull(neededBytes: neededBytes, freeBytes: freeBytes ?? 0)
        default:
            self
        }
    }
}

/// What errno means, in words.
func errorText(_ code: Int32) -> String {
    String(cString: strerror(code))
}
