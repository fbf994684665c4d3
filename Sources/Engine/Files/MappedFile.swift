import Foundation

/// A file mapped into memory for reading: its pages come when they are touched, and can be given back.
struct MappedFile: Sendable {
    let bytes: Data

    /// Maps a whole file for reading.
    /// - Throws: `POSIXError` of open(2), fstat(2) or mmap(2)
    init(at url: URL) throws {
        let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw POSIXError(.EINVAL) }
        let count = Int(status.st_size)
        guard count > 0 else {
            bytes = Data()
            return
        }
        guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else { throw Self.failure() }
        bytes = Data(bytesNoCopy: base, count: count, deallocator: .custom { base, count in munmap(base, count) })
    }

    private static func failure() -> POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }

    /// The bytes in this process's own memory, in large pages where Linux has them: no other process's need of memory takes them away.
    /// - Throws: `POSIXError`
    func copied() throws -> Data {
        let count = bytes.count
        guard count > 0 else { return bytes }
        guard let base = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), base != MAP_FAILED else {
            throw Self.failure()
        }
        madvise(base, count, MADV_HUGEPAGE)
        for piece in (0..<count).pieces(of: Self.copiedPiece) {
            bytes.copyBytes(to: UnsafeMutableRawBufferPointer(start: base + piece.lowerBound, count: piece.count), from: piece)
            forget(piece)
        }
        return Data(bytesNoCopy: base, count: count, deallocator: .custom { base, count in munmap(base, count) })
    }

    private static let copiedPiece = 64 << 20

    /// Gives back the pages that lie in this part whole. They are read from the file again when they are needed.
    func forget(_ part: Range<Int>) {
        let page = Int(getpagesize())
        let first = (part.lowerBound + page - 1) / page * page, end = part.upperBound / page * page
        guard first < end else { return }
        bytes.withUnsafeBytes { mapped in
            guard let base = mapped.baseAddress else { return }
            madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
        }
    }
}
