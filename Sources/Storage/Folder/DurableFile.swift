import Foundation

/// A file that is either not there or whole and on disk.
///
/// Bytes go to a temporary file beside the target, are flushed, and the file is renamed over the target (rename(2) is
/// atomic); then the folder is flushed, without which the name itself could be lost with the power.
enum DurableFile {
    /// Ends the name of a file that is being written. What a crash leaves under such a name is rubbish.
    static let partialSuffix = ".partial"

    /// - Throws: `StorageError.diskFull`, `.file`; then neither the temporary file nor the new target has stayed.
    static func write(_ data: Data, to url: URL, freeSpace: FreeSpace) throws {
        let directory = url.deletingLastPathComponent()
        let partial = url.path + "." + JobID.make() + partialSuffix
        var written = partial
        do {
            try writeNew(data, partial)
            guard rename(partial, url.path) == 0 else { throw StorageError.failed("rename", partial) }
            written = url.path
            try synchronizeDirectory(directory)
        } catch let error as StorageError {
            unlink(written)
            throw error.diskFullIfNoSpace(neededBytes: data.count, freeBytes: try? freeSpace.bytes(directory.path))
        }
    }

    /// All of a file.
    /// - Throws: `StorageError.file`
    static func read(_ url: URL) throws -> Data {
        try withDescriptor(url.path, O_RDONLY) { descriptor in
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw StorageError.failed("stat", url.path) }
            var data = Data(count: Int(status.st_size))
            let count = try data.withUnsafeMutableBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = Glibc.read(descriptor, UnsafeMutableRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    if count > 0 {
                        rest = rest.dropFirst(count)
                    } else if count == 0 {
                        break  // shorter than a moment ago
                    } else if errno != EINTR {
                        throw StorageError.failed("read", url.path)
                    }
                }
                return bytes.count - rest.count
            }
            return count == data.count ? data : Data(data.prefix(count))
        }
    }

    /// Makes a folder and those above it where they are missing, open to their owner only: they hold people's photographs.
    static func makeDirectory(_ url: URL) throws {
        let path = url.path
        let parent = url.absoluteURL.deletingLastPathComponent()
        if mkdir(path, 0o700) != 0 {
            guard errno != EEXIST else { return }
            guard errno == ENOENT, parent.path != path else { throw StorageError.failed("mkdir", path) }
            try makeDirectory(parent)
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw StorageError.failed("mkdir", path) }
        }
        try synchronizeDirectory(parent)
    }

    /// Runs `body` while no other thread or process does so with the same folder (flock(2); the lock ends with its holder).
    static func withLockedDirectory<T>(_ url: URL, _ body: () throws -> T) throws -> T {
        try withDescriptor(url.path, O_RDONLY | O_DIRECTORY) { descriptor in
            while flock(descriptor, LOCK_EX) != 0 {
                guard errno == EINTR else { throw StorageError.failed("flock", url.path) }
            }
            return try body()
        }
    }

    /// Flushes a folder's list of names (fsync(2)); a file system that has no such call says EINVAL, and keeps its own order.
    static func synchronizeDirectory(_ url: URL) throws {
        try withDescriptor(url.path, O_RDONLY | O_DIRECTORY) { descriptor in
            guard fsync(descriptor) == 0 || errno == EINVAL else { throw StorageError.failed("fsync", url.path) }
        }
    }

    /// Writes all of `data` at the descriptor's position.
    static func write(_ data: Data, descriptor: Int32, path: String) throws {
        try data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    throw StorageError.failed("write", path)
                }
            }
        }
    }

    private static func writeNew(_ data: Data, _ path: String) throws {
        try withDescriptor(path, O_WRONLY | O_CREAT | O_EXCL) { descriptor in
            try write(data, descriptor: descriptor, path: path)
            guard fsync(descriptor) == 0 else { throw StorageError.failed("fsync", path) }
        }
    }

    private static func withDescriptor<T>(_ path: String, _ flags: Int32, _ body: (Int32) throws -> T) throws -> T {
        let descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageError.failed("open", path) }
        // What close could still report, fsync has reported.
        defer { close(descriptor) }
        return try body(descriptor)
    }
}
