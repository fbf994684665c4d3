import Foundation
import Glibc

/// A path, taken apart at the byte "/": for `String` a slash and a combining mark behind it are one character, and a name in composed
/// characters equals its decomposed twin, which is another file.
struct FilePath {
    /// Of the file's name; "." where none is given.
    let folder: String
    let name: String

    init(_ path: String) {
        var bytes = path.utf8[...]
        while bytes.count > 1, bytes.last == Self.slash { bytes.removeLast() }
        if let last = bytes.lastIndex(of: Self.slash) {
            name = Self.text(bytes[bytes.index(after: last)...])
            folder = last == bytes.startIndex ? "/" : Self.text(bytes[..<last])
        } else {
            (folder, name) = (".", Self.text(bytes))
        }
    }

    /// Behind the last dot; empty where there is none, or where it begins or ends the name.
    var `extension`: String {
        guard let dot, name.utf8.index(after: dot) < name.utf8.endIndex else { return "" }
        return Self.text(name.utf8[name.utf8.index(after: dot)...])
    }

    /// The name without the extension.
    var stem: String { `extension`.isEmpty ? name : dot.map { Self.text(name.utf8[..<$0]) } ?? name }

    /// Of a path below a folder.
    static func join(_ folder: String, _ name: String) -> String {
        name.isEmpty ? folder : folder.utf8.last == slash ? folder + name : folder + "/" + name
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The path from the root, without links, also where its end is not there yet. Bytes, as the file system compares them.
    static func canonical(_ path: String) -> [UInt8] {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return Array(UnsafeBufferPointer(start: real, count: strlen(real))).map(UInt8.init(bitPattern:))
        }
        let parts = FilePath(path)
        // "/" and "." are always there, unless the folder that the process works in is gone.
        guard parts.folder != path, parts.name != path || parts.folder == "." else { return Array(path.utf8) }
        return canonical(parts.folder) + [slash] + Array(parts.name.utf8)
    }

    /// The folder, or the part of its path that is there.
    static func existing(_ folder: String) -> String {
        var path = folder, status = stat()
        while stat(path, &status) != 0, errno == ENOENT, FilePath(path).folder != path { path = FilePath(path).folder }
        return path
    }

    private var dot: String.Index? {
        let dot = name.utf8.lastIndex(of: UInt8(ascii: "."))
        return dot == name.utf8.startIndex ? nil : dot
    }

    private static let slash = UInt8(ascii: "/")

    private static func text(_ bytes: Substring.UTF8View) -> String { String(decoding: bytes, as: UTF8.self) }
}
