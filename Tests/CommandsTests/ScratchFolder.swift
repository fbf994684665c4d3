import Commands
import Engine
import Foundation
import Glibc

/// A real folder on a real file system, gone with the value.
final class ScratchFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-commands-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// The whole path of a name in the folder.
    func path(_ name: String) -> String { url.path + "/" + name }

    /// Files of these names, each holding its name, behind the first bytes of the format that it names; their folders are made.
    func write(_ names: String...) throws {
        for name in names {
            let file = url.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try write(name, as: ImageFormat(argument: file.pathExtension))
        }
    }

    /// A file that begins as a format, or as none, whatever its name says.
    func write(_ name: String, as format: ImageFormat?) throws {
        let signature: [UInt8] =
            switch format {
            case .png: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            case .jpeg: [0xFF, 0xD8, 0xFF]
            case nil: []
            }
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: path(name)).deletingLastPathComponent(), withIntermediateDirectories: true)
        // By open(2): the name stays as it is, byte by byte.
        let file = open(path(name), O_CREAT | O_TRUNC | O_WRONLY, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { close(file) }
        try FileHandle(fileDescriptor: file).write(contentsOf: Data(signature) + Data(name.utf8))
    }

    /// A PNG whose name ends in the byte FF, which is no UTF-8, and ".png".
    func writeLatin1(_ name: String) throws {
        let bytes = (Array(path(name).utf8) + [0xFF] + Array(".png".utf8) + [0]).map(CChar.init(bitPattern:))
        let file = open(bytes, O_CREAT | O_WRONLY, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
        close(file)
    }

    /// A symbolic link that says `target`, as it is.
    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
    }
}
