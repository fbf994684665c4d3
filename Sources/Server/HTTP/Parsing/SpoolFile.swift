import CLinux
import Glibc

/// A file without a name, which ends with the process: what a large body waits in.
struct SpoolFile: ~Copyable {
    private let descriptor: Int32
    private(set) var count = 0

    /// Nil when the folder takes no file.
    init?(in directory: String) {
        var descriptor = open_unnamed_file(directory)
        if descriptor < 0 {  // a file system without O_TMPFILE (open(2))
            var path = Array((directory + "/.upload-XXXXXX").utf8CString)
            descriptor = mkstemp(&path)
            if descriptor >= 0 {
                unlink(path)
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            }
        }
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    deinit { _ = Glibc.close(descriptor) }

    /// - Returns: false with errno when the disk does not take all of it.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let written = pwrite(descriptor, part.baseAddress, part.count, off_t(count))
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            count += written
            rest = rest.dropFirst(written)
        }
        return true
    }

    /// What was written, as memory that the kernel may take back and read again. Private: a change stays with who makes it.
    /// - Returns: nil with errno when there is no address space.
    consuming func mapped() -> UnsafeMutableRawPointer? {
        let memory = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0)
        return memory == MAP_FAILED ? nil : memory
    }
}
