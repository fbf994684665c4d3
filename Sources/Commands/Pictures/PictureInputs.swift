import Engine
import Foundation
import Glibc

/// Files, folders and patterns as they were given -> the pictures they stand for.
package struct PictureInputs {
    package struct Item {
        package let path: String
        /// Where it lies below the folder that was given; empty for what was not found in one.
        package var subfolder = ""
    }
    /// A folder or a pattern that stands for no picture, or a name that cannot be read. It counts as one that failed.
    package struct NoPictures: Error, CustomStringConvertible {
        package let description: String
    }

    package let items: [Result<Item, NoPictures>]
    /// A folder or a pattern was among them, so the output is a folder however many there are.
    package let hasSeveral: Bool

    package var count: Int { items.count }

    /// - Parameters:
    ///   - arguments: a name that exists is taken as it is, also with a star in it; folders give their JPEG and PNG files in the order of
    ///     their names; patterns are for where no shell resolves them.
    ///   - ignoredSuffixes: pictures of a folder whose name ends in one of them are outputs of an earlier run.
    package init(_ arguments: [String], isRecursive: Bool = false, ignoredSuffixes: [String] = []) {
        var items: [Result<Item, NoPictures>] = []
        var hasSeveral = false
        for argument in arguments {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder)
            if exists, isFolder.boolValue {
                hasSeveral = true
                let found = Self.pictures(in: argument, isRecursive).filter { item in
                    guard let path = try? item.get().path else { return true }
                    return !ignoredSuffixes.contains { Self.hasSuffix(path, $0) }
                }
                items += found.isEmpty ? [.failure(NoPictures(description: "\(argument): no JPEG or PNG in this folder"))] : found
            } else if !exists, argument.contains(where: { "*?[".contains($0) }) {
                hasSeveral = true
                let found = Self.matches(argument)
                items +=
                    found.isEmpty
                    ? [.failure(NoPictures(description: "\(argument): matches no file"))] : found.map { .success(Item(path: $0)) }
            } else {
                items.append(.success(Item(path: argument)))
            }
        }
        self.items = items
        self.hasSeveral = hasSeveral
    }

    /// - Parameter above: the folders that this one lies in, without symbolic links: one that leads back to them is not entered again
    private static func pictures(
        in folder: String, _ isRecursive: Bool, subfolder: String = "", above: Set<String> = []
    ) -> [Result<Item, NoPictures>] {
        let own = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        if above.contains(own) { return [] }
        // A folder that cannot be read stands for no picture, and the caller says so.
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().filter { !$0.hasPrefix(".") }
        return names.flatMap { name -> [Result<Item, NoPictures>] in
            let path = (folder as NSString).appendingPathComponent(name),
                isPicture = ImageFormat(argument: (name as NSString).pathExtension) != nil
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                // Foundation puts U+FFFD for bytes that are not UTF-8, and then does not find the file; a link that leads nowhere is no picture.
                guard isPicture, name.contains("\u{FFFD}") else { return [] }
                return [.failure(NoPictures(description: "\(path): the name is not UTF-8; rename the file"))]
            }
            if isFolder.boolValue {
                guard isRecursive else { return [] }
                return pictures(in: path, true, subfolder: subfolder.isEmpty ? name : subfolder + "/" + name, above: above.union([own]))
            }
            return isPicture ? [.success(Item(path: path, subfolder: subfolder))] : []
        }
    }

    private static func hasSuffix(_ path: String, _ suffix: String) -> Bool {
        URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent.hasSuffix(suffix)
    }

    /// The files that match a pattern, by glob(3): sorted, folders left out.
    private static func matches(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, GLOB_BRACE | GLOB_TILDE | GLOB_MARK, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }.filter { !$0.hasSuffix("/") }
    }
}
