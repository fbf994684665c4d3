import Foundation

/// Which file a path leads to: another one has another device or inode, whatever it is called.
struct FileIdentity: Sendable, Equatable {
    let device: UInt64
    let inode: UInt64

    /// nil when the path leads nowhere, or cannot be looked at.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    }
}
