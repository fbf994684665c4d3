import CLinux
import Foundation
import Storage

/// What a service gives up before it sees a stranger's byte: writing outside of its folders, and running programs.
///
/// Whoever took the process over could still read what its user may read, and use a thread that a library had started before `main` (OpenBLAS
/// starts some, which wait for work): what the unit or the container forbids holds for all.
public enum Landlock {
    public enum Outcome: Sendable, Equatable {
        case confined
        /// The kernel has no Landlock, or one in which files cannot be moved from folder to folder (before Linux 5.19).
        case unavailable
    }

    private static let execute = UInt64(1) << 0
    /// Write, remove, make, and move or link from folder to folder (REFER, version 2): bits 1 and 4 to 13 of landlock(7).
    private static let write = UInt64(1) << 1 | (4...13).reduce(0) { $0 | 1 << UInt64($1) }
    /// Version 3.
    private static let truncate = UInt64(1) << 14

    /// From now on the calling thread, and all that it starts, write below `folders` alone and run no program. There is no way back.
    ///
    /// - Parameter folders: exist; a symbolic link stands for what it leads to
    /// - Throws: `StorageError.file`
    public static func confineWrites(to folders: [URL]) throws -> Outcome {
        let version = landlock_version()
        guard version >= 2 else { return .unavailable }
        let write = version >= 3 ? write | truncate : write
        let rules = try checked("landlock", "/", landlock_rules(execute | write))
        defer { close(rules) }
        for folder in folders {
            let descriptor = try checked("open", folder.path, open_folder_path(folder.path))
            defer { close(descriptor) }
            _ = try checked("landlock", folder.path, landlock_allow_beneath(rules, descriptor, write))
        }
        _ = try checked("landlock", "/", landlock_restrict_self(rules))
        return .confined
    }

    /// Where a service writes: its data folder, and wherever links in that lead; and where temporary files go.
    public static func folders(of data: URL) -> [URL] {
        let database = data.appendingPathComponent(JobStore.fileName).resolvingSymlinksInPath().deletingLastPathComponent()
        let links = ((try? FileManager.default.contentsOfDirectory(at: data, includingPropertiesForKeys: nil)) ?? []).filter {
            (try? $0.resourceValues(forKeys: [.isSymbolicLinkKey]).isSymbolicLink) == true
        }
        let all = [data, database, FileManager.default.temporaryDirectory] + links
        return all.filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: $0.path, isDirectory: &isFolder) && isFolder.boolValue
        }
    }

    private static func checked(_ operation: String, _ path: String, _ result: Int32) throws -> Int32 {
        guard result >= 0 else { throw StorageError.file(operation: operation, path: path, code: errno) }
        return result
    }
}
