import Foundation

/// How many bytes this process may still write at a place (statvfs(3)). A value, so that a test can fill the disk.
struct FreeSpace: Sendable {
    /// The path of an existing file or folder -> bytes.
    let bytes: @Sendable (_ path: String) throws -> Int

    /// What the file system says: blocks free for processes without privileges.
    static let measured = FreeSpace { path in
        var status = statvfs()
        guard statvfs(path, &status) == 0 else {
            throw StorageError.file(operation: "statvfs", path: path, code: errno)
        }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? .max : Int(clamping: bytes)
    }
}
