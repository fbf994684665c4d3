import Engine
import Foundation
import Glibc
import Storage

/// Files, folders and patterns as they were given -> the pictures they stand for.
package struct PictureInputs {
    package struct Item {
        package let path: String
        /// Where it lies below the folder that was given; empty for what was not found in one.
        package var subfolder = ""
    }
    /// A folder or a pattern that stands for no picture, or what cannot be read. It counts as one that failed.
    package struct NoPictures: Error, CustomStringConvertible {
        package let description: String
    }

    package let items: [Result<Item, NoPictures>]
    /// A folder or a pattern was among them, so the output is a folder however many there are.
    package let hasSeveral: Bool
    /// Lines for a person: which folders hold what is left out.
    package let notes: [String]

    package var count: Int { items.count }

    /// - Parameters:
    ///   - arguments: a name that exists is taken as it is, also with a star in it; folders give their JPEG and PNG files in the order of
    ///     their names; patterns are for where no shell resolves them.
    ///   - ownSuffixes: of what is written: in a folder that is written to, such names are outputs of an earlier run.
    ///   - output: where outputs go, nil = beside the inputs. A folder below one that is given is not entered.
    package init(_ arguments: [String], isRecursive: Bool = false, ownSuffixes: [String] = [], output: String? = nil) {
        var items: [Result<Item, NoPictures>] = []
        var hasSeveral = false
        var notes: [String] = []
        let target = output.flatMap { FilePath.isFolder($0) ? FileIdentity($0) : nil }
        for argument in arguments {
            let exists = FileManager.default.fileExists(atPath: argument)
            if FilePath.isFolder(argument) {
                hasSeveral = true
                let isTarget = output == nil || target == FileIdentity(argument)
                let walk = FolderWalk(
                    argument, isRecursive: isRecursive, ignoredSuffixes: isTarget ? ownSuffixes : [], output: target)
                items += walk.items.isEmpty ? [.failure(NoPictures(description: "\(argument): no JPEG or PNG in this folder"))] : walk.items
                if walk.leftOut > 0 { notes.append("\(argument): \(walk.leftOut) left out that are neither JPEG nor PNG") }
            } else if !exists, argument.contains(where: { "*?[".contains($0) }) {
                hasSeveral = true
                let found = Self.matches(argument)
                items +=
                    found.isEmpty
                    ? [.failure(NoPictures(description: "\(argument): matches no file"))] : found
            } else {
                items.append(.success(Item(path: argument)))
            }
        }
        self.items = items
        self.hasSeveral = hasSeveral
        self.notes = notes
    }

    /// The files that match a pattern, by glob(3): sorted, folders left out.
    private static func matches(_ pattern: String) -> [Result<Item, NoPictures>] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, GLOB_BRACE | GLOB_TILDE | GLOB_MARK, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in
            guard let path = paths[index], path[strlen(path) - 1] != CChar(bitPattern: UInt8(ascii: "/")) else { return nil }
            guard let text = String(validatingCString: path) else {
                return .failure(NoPictures(description: "\(String(cString: path)): \(PictureFile.nameIsNotUTF8)"))
            }
            return .success(Item(path: text))
        }
    }
}
