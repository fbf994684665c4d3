import Foundation

/// The pictures' bytes, one file each: ID.input and ID.output in a folder of their own.
///
/// A file under its name is whole and on disk (DurableFile.swift). Its bytes never change, so one that is being served may be
/// removed meanwhile. Names are made from ids of `JobID` form only; anything else is `notFound`, so no id leads
/// out of the folder.
///
/// Files beside the database. All its methods throw `StorageError`, block until done, and may come from any thread.
public final class BlobStore: Sendable {
    /// Room that inputs leave on the disk, so that the jobs already accepted can still store their outputs and states.
    public static let defaultReservedBytes = 32 << 20

    let directory: URL
    private let reservedBytes: Int
    private let freeSpace: FreeSpace

    /// - Parameters:
    ///   - directory: made where it is missing; holds nothing else.
    ///   - reservedBytes: bytes of the disk that only outputs may use.
    public convenience init(directory: URL, reservedBytes: Int = defaultReservedBytes) throws {
        try self.init(directory: directory, reservedBytes: reservedBytes, freeSpace: .measured)
    }

    init(directory: URL, reservedBytes: Int, freeSpace: FreeSpace) throws {
        self.directory = directory
        self.reservedBytes = reservedBytes
        self.freeSpace = freeSpace
        try DurableFile.makeDirectory(directory)
    }

    /// Stores a picture, in the place of an earlier one of the same kind. It is on disk on return; when it throws, nothing has changed.
    /// - Throws: `diskFull`, `file`; `notFound` when `id` has not the form of an id.
    public func write(_ data: Data, id: String, kind: BlobKind) throws {
        let url = try location(id, kind)
        let needed = data.count + (kind == .input ? reservedBytes : 0)
        let free = try freeBytes()
        guard needed <= free else { throw StorageError.diskFull(neededBytes: needed, freeBytes: free) }
        try DurableFile.write(data, to: url, freeSpace: freeSpace)
    }

    /// Where the picture lies, for a server that sends it from the file.
    /// - Throws: `notFound` when there is no such picture.
    public func url(id: String, kind: BlobKind) throws -> URL {
        let url = try location(id, kind)
        guard access(url.path, F_OK) == 0 else { throw StorageError.notFound(id: id) }
        return url
    }

    /// The picture's bytes, mapped where the system can.
    /// - Throws: `notFound`, `file`
    public func read(id: String, kind: BlobKind) throws -> Data {
        let url = try url(id: id, kind: kind)
        do {
            return try Data(contentsOf: url, options: .mappedIfSafe)
        } catch CocoaError.fileNoSuchFile, CocoaError.fileReadNoSuchFile {
            throw StorageError.notFound(id: id)  // removed since
        } catch {
            throw StorageError.file(operation: "read", path: url.path, code: EIO)
        }
    }

    /// Removes a job's pictures; those that are not there are no error.
    public func remove(id: String) throws {
        for kind in BlobKind.allCases {
            try remove(location(id, kind))
        }
    }

    /// Removes what crashes left: pictures of jobs that are not `known`, and half-written files. Other names stay.
    /// Only at start-up, before the first request: a picture is written before its job is known.
    /// - Returns: how many files were removed.
    @discardableResult
    public func removeOrphans(known: Set<String>) throws -> Int {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        } catch {
            throw StorageError.file(operation: "readdir", path: directory.path, code: EIO)
        }
        let orphans = names.filter { Self.isOrphan($0, known: known) }
        for name in orphans {
            try remove(directory.appendingPathComponent(name))
        }
        return orphans.count
    }

    /// Bytes that may still be written here, the reserve included.
    public func freeBytes() throws -> Int {
        try freeSpace.bytes(directory.path)
    }

    /// Every file in the folder: its name and length.
    /// - Throws: `file`
    public func files() throws -> [(name: String, bytes: Int)] {
        do {
            return try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: [.fileSizeKey]).map {
                ($0.lastPathComponent, try $0.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0)
            }
        } catch {
            throw StorageError.file(operation: "readdir", path: directory.path, code: EIO)
        }
    }

    /// Moves a job's picture into another folder, made where it is missing, and keeps its bytes.
    /// - Throws: `file`
    public func setAside(id: String, kind: BlobKind, into folder: URL) throws {
        try DurableFile.makeDirectory(folder)
        let source = try location(id, kind), target = folder.appendingPathComponent(source.lastPathComponent)
        guard rename(source.path, target.path) == 0 else { throw StorageError.failed("rename", source.path) }
        try DurableFile.synchronizeDirectory(folder)
        try DurableFile.synchronizeDirectory(directory)
    }

    func location(_ id: String, _ kind: BlobKind) throws -> URL {
        guard JobID.isValid(id) else { throw StorageError.notFound(id: id) }
        return directory.appendingPathComponent(id + "." + kind.rawValue)
    }

    private func remove(_ url: URL) throws {
        guard unlink(url.path) == 0 || errno == ENOENT else { throw StorageError.failed("unlink", url.path) }
    }

    /// `name` is ID.kind of an unknown id, or ID.kind.RANDOM.partial.
    public static func isOrphan(_ name: String, known: Set<String>) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, JobID.isValid(parts[0]), BlobKind(rawValue: parts[1]) != nil else { return false }
        return parts.count == 2 ? !known.contains(parts[0]) : name.hasSuffix(DurableFile.partialSuffix)
    }
}
