import Engine
import Foundation

/// A file that was given as a picture.
package enum PictureFile {
    /// Why it is not read.
    package struct Unreadable: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Throws: what the file system says, `Unreadable`
    package static func read(_ path: String) throws -> Data {
        try requireFile(path)
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// What its first bytes say, whatever its name says.
    /// - Throws: `ImageError.notAnImage`, what the file system says, `Unreadable`
    static func format(of path: String) throws -> ImageFormat {
        try requireFile(path)
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        return try ImageFormat(firstBytes: file.read(upToCount: ImageFormat.firstByteCount) ?? Data())
    }

    /// Opening a pipe would wait for who writes it, and its first bytes could not be read twice.
    private static func requireFile(_ path: String) throws {
        if FilePath.isFile(path) || FilePath.isFolder(path) { return }
        if FileManager.default.fileExists(atPath: path) {
            throw Unreadable(description: "a pipe or a device, no file; save it into a file first")
        }
        if path == "-" { throw Unreadable(description: "standard input is not read; save it into a file first") }
        // The process's arguments come as text, in which U+FFFD stands for each byte that is none.
        if path.unicodeScalars.contains("\u{FFFD}") { throw Unreadable(description: Self.nameIsNotUTF8) }
    }

    static let nameIsNotUTF8 = "the name is not UTF-8; rename the file"
}
