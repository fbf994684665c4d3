import Foundation

/// One picture under the names of two jobs.
///
/// A hard link (link(2)) takes no room, and keeps the bytes when the other job is deleted; nothing changes a stored picture, so neither job
/// can tell. Where the file system has no links, the bytes are copied.
extension BlobStore {
    /// In the place of an earlier picture of the same kind.
    /// - Returns: false when the bytes were copied.
    /// - Throws: `notFound` when `source` has no such picture; `diskFull`, `file`
    @discardableResult
    public func link(from source: String, to id: String, kind: BlobKind) throws -> Bool {
        let existing = try url(id: source, kind: kind), new = try location(id, kind)
        var code = Self.link(existing, new)
        if code == EEXIST {  // of an attempt before a crash
            unlink(new.path)
            code = Self.link(existing, new)
        }
        switch code {
        case 0:
            try DurableFile.synchronizeDirectory(directory)
            return true
        case ENOENT: throw StorageError.notFound(id: source)
        case EPERM, EOPNOTSUPP, EMLINK, EXDEV:
            try write(read(id: source, kind: kind), id: id, kind: kind)
            return false
        default: throw StorageError.file(operation: "link", path: new.path, code: code)
        }
    }

    /// Gives a file a second name, link(2).
    /// - Returns: 0 or errno
    private static func link(_ existing: URL, _ new: URL) -> Int32 {
        Foundation.link(existing.path, new.path) == 0 ? 0 : errno
    }
}
