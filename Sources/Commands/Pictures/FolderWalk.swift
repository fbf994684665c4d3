import Engine
import Glibc
import Storage

/// The pictures of a folder, in the order of their names: files that are called JPEG or PNG, or that begin as one. Hidden files, and pictures
/// that an earlier run has written, are none; what else is left out is counted.
struct FolderWalk {
    private(set) var items: [Result<PictureInputs.Item, PictureInputs.NoPictures>] = []
    /// Files that are neither called nor begin as JPEG or PNG.
    private(set) var leftOut = 0

    private let isRecursive: Bool
    private let ignoredSuffixes: [String]
    private let output: FileIdentity?
    /// The folders so far: each is entered once, however many links lead to it.
    private var seen: Set<FileIdentity> = []
    private var links: [(folder: String, subfolder: String)] = []

    /// - Parameters:
    ///   - ignoredSuffixes: pictures whose name ends in one of them are outputs of an earlier run
    ///   - output: a folder that outputs are written to: where it lies below, it is not entered
    init(_ folder: String, isRecursive: Bool, ignoredSuffixes: [String], output: FileIdentity?) {
        self.isRecursive = isRecursive
        self.ignoredSuffixes = ignoredSuffixes
        self.output = output
        enter(folder, "")
        // Behind the others, so that a folder is found at its own place before a link to it is.
        while let link = links.first {
            links.removeFirst()
            if FileIdentity(link.folder) != output { enter(link.folder, link.subfolder) }
        }
    }

    private mutating func enter(_ folder: String, _ subfolder: String) {
        guard let identity = FileIdentity(folder), seen.insert(identity).inserted else { return }
        guard let names = Self.names(in: folder) else {
            return fail(folder, "the folder cannot be read: \(String(cString: strerror(errno)))")
        }
        for (name, isUTF8) in names where name.utf8.first != UInt8(ascii: ".") {
            let path = FilePath.join(folder, name)
            guard isUTF8 else {
                fail(path, PictureFile.nameIsNotUTF8)
                continue
            }
            var status = stat(), own = stat()
            // A link that leads nowhere is no picture.
            guard stat(path, &status) == 0, lstat(path, &own) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR where isRecursive && FileIdentity(status) != output:
                let below = subfolder.isEmpty ? name : FilePath.join(subfolder, name)
                if own.st_mode & S_IFMT == S_IFLNK { links.append((path, below)) } else { enter(path, below) }
            case S_IFREG: look(at: path, subfolder)
            default: break
            }
        }
    }

    private mutating func look(at path: String, _ subfolder: String) {
        let parts = FilePath(path)
        guard ImageFormat(fileExtension: parts.extension) != nil || (try? PictureFile.format(of: path)) != nil else {
            leftOut += 1
            return
        }
        if ignoredSuffixes.contains(where: { !$0.isEmpty && Array(parts.stem.utf8).suffix($0.utf8.count) == Array($0.utf8)[...] }) {
            return
        }
        items.append(.success(PictureInputs.Item(path: path, subfolder: subfolder)))
    }

    private mutating func fail(_ path: String, _ reason: String) {
        items.append(.failure(PictureInputs.NoPictures(description: "\(path): \(reason)")))
    }

    /// In order of their bytes; nil, and errno, where they cannot be read. U+FFFD stands for bytes that are not UTF-8.
    private static func names(in folder: String) -> [(text: String, isUTF8: Bool)]? {
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        var names: [(text: String, isUTF8: Bool)] = []
        while let entry = readdir(directory) {
            withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                let name = bytes.prefix { $0 != 0 }
                let text = String(decoding: name, as: UTF8.self)
                names.append((text, text.utf8.elementsEqual(name)))
            }
        }
        return names.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }
}
