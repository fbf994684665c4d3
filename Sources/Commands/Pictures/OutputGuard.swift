import Foundation
import Glibc
import Storage
import Synchronization

/// A second input would be written over the first one's output, or an output over an input.
package struct Clash: Error, CustomStringConvertible {
    package let description: String

    init(at path: String) {
        description = "\(path) is an input or another picture's output; choose another OUT or a --suffix"
    }
}

/// An output that the file system did not take. Names the output, not the input that it was made of.
package struct Unwritable: Error, CustomStringConvertible {
    package let description: String

    init(_ path: String, _ code: Int32) {
        description = "\(path) cannot be written: \(String(cString: strerror(code)))"
    }
}

/// Writes outputs, and lets none take the place of an input or of another output. Names are no proof: a file system may take two for one.
/// So the last look is at the device and inode that the name leads to, in one lock with the change of the name.
final class OutputGuard: Sendable {
    private let taken: Mutex<Set<FileIdentity>>

    init(inputs: Set<FileIdentity>) {
        taken = Mutex(inputs)
    }

    /// Whole or not at all; makes the folder. An older file of that name is replaced, and gives the new one its permissions.
    /// - Throws: `Clash`, `Unwritable`
    func write(_ data: Data, to path: String) throws {
        let folder = FilePath(path).folder
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Unwritable(folder, (error as? CocoaError)?.underlying?.code.rawValue ?? ENOTDIR)
        }
        let draft = FilePath.join(folder, ".fidediff-\(UUID().uuidString)")
        let written = try write(data, toDraft: draft, of: path)
        do {
            try taken.withLock { taken in
                if let there = FileIdentity(path), taken.contains(there) { throw Clash(at: path) }
                guard rename(draft, path) == 0 else { throw Unwritable(path, errno) }
                taken.insert(written)
            }
        } catch {
            unlink(draft)
            throw error
        }
    }

    private func write(_ data: Data, toDraft draft: String, of path: String) throws -> FileIdentity {
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw Unwritable(path, errno) }
        var status = stat(), older = stat()
        if stat(path, &older) == 0, older.st_mode & S_IFMT == S_IFREG { fchmod(file, older.st_mode & 0o777) }
        var offset = 0, code: Int32 = 0
        data.withUnsafeBytes { bytes in
            while offset < bytes.count, code == 0, let start = bytes.baseAddress {
                let count = Glibc.write(file, start + offset, bytes.count - offset)
                if count >= 0 { offset += count } else if errno != EINTR { code = errno }
            }
        }
        if fstat(file, &status) != 0, code == 0 { code = errno }
        // Some file systems say only here that the disk is full.
        if close(file) != 0, code == 0 { code = errno }
        guard code == 0 else {
            unlink(draft)
            throw Unwritable(path, code)
        }
        return FileIdentity(status)
    }
}

extension CocoaError {
    fileprivate var underlying: POSIXError? { userInfo[NSUnderlyingErrorKey] as? POSIXError }
}
