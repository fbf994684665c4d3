import Foundation

/// SQLite's write-ahead log, looked at from outside (sqlite.org/walformat.html).
enum WriteAheadLog {
    private static let headerBytes = 32, frameHeaderBytes = 24
    private static let magics: Set<UInt32> = [0x377f_0682, 0x377f_0683]

    /// Whether the log begins with a commit of its own: the first frame has the salts of the header. A log that was emptied, or that
    /// something else was written over, has none, and SQLite takes it for empty.
    static func holdsFrames(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path), let bytes = try? file.read(upToCount: headerBytes + frameHeaderBytes),
            bytes.count == headerBytes + frameHeaderBytes
        else { return false }
        func number(at offset: Int) -> UInt32 { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        return magics.contains(number(at: 0)) && number(at: 16) == number(at: headerBytes + 8)
            && number(at: 20) == number(at: headerBytes + 12)
    }
}
