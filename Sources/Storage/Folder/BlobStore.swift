import Foundation
import Synchronization

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
    private let identity: FileIdentity?
    private let lastFailure = Mutex<StorageError?>(nil)
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
        identity = FileIdentity(directory.path)
    }

    /// Whether the path still leads to the folder that was opened.
    public var isInPlace: Bool { identity?.isAt(directory.path) ?? true }

    /// Why no picture can be stored now; nil when the last one could. `probe` finds out whether it can again.
    public var trouble: StorageError? { lastFailure.withLock { $0 } }

    /// Writes a small file as a picture is written, and removes it.
    public func probe() throws {
        let name = JobID.make() + "." + BlobKind.input.rawValue + "." + JobID.make() + DurableFile.partialSuffix
        let url = directory.appendingPathComponent(name)
        try noting {
            try DurableFile.write(Data(count: 4_096), to: url, freeSpace: freeSpace)
            try remove(url)
        }
    }

    private func noting(_ write: () throws -> Void) throws {
        do {
            try write()
            lastFailure.withLock { $0 = nil }
        } catch let error as StorageError {
            lastFailure.withLock { $0 = error }
            throw error
        }
    }

    /// Stores a picture, in the place of an earlier one of the same kind. It is on disk on return; when it throws, nothing has changed.
    /// - Throws: `diskFull`, `file`; `notFound` when `id` has not the form of an id.
    public func write(_ data: Data, id: String, kind: BlobKind) throws {
        let url = try location(id, kind)
        try requireRoom(bytes: data.count, for: kind)
        try noting { try DurableFile.write(data, to: url, freeSpace: freeSpace) }
    }

    /// - Throws: `diskFull` when a picture of so many bytes would be refused; `file`
    public func requireRoom(bytes: Int, for kind: BlobKind) throws {
        let needed = bytes + (kind == .input ? reservedBytes : 0), free = try freeBytes()
        guard needed <= free else { throw StorageError.diskFull(neededBytes: needed, freeBytes: free) }
    }

    /// Where the picture lies, for a server that sends it from the file.
    /// - Throws: `notFound` when there is no such picture.
    public func url(id: String, kind: BlobKind) throws -> URL {
        let url = try location(id, kind)
        guard access(url.path, F_OK) == 0 else { throw StorageError.notFound(id: id) }
        return url
    }

    /// How long the picture is; nil when there is none.
    public func bytes(id: String, kind: BlobKind) -> Int? {
        var status = stat()
        guard let url = try? location(id, kind), stat(url.path, &status) == 0 else { return nil }
        return Int(status.st_size)
    }

    /// The picture's bytes, in memory: a mapping would end the process where the disk fails under it (SIGBUS).
    /// - Throws: `notFound`, `file`
    public func read(id: String, kind: BlobKind) throws -> Data {
        do {
            return try DurableFile.read(location(id, kind))
        } catch StorageError.file(_, _, ENOENT) {
            throw StorageError.notFound(id: id)
        }
    }

    /// Removes a job's pictures; those that are not there are no error.
    public func remove(id: String) throws {
        for kind in BlobKind.allCases {
            try remove(location(id, kind))
        }
    }

    /// The names in the folder, as what they are.
    public struct Names: Sendable, Equatable {
        /// By the job's id.
        public var pictures: [String: [String]] = [:]
        /// Half-written: rubbish of a crash, when nobody writes.
        public var partial: [String] = []
    }

    /// Other names than this store gives are left out.
    /// - Throws: `file`
    public func names() throws -> Names {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory.path).reduce(into: Names()) { names, name in
                let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
                guard parts.count >= 2, JobID.isValid(parts[0]), BlobKind(rawValue: parts[1]) != nil else { return }
                if parts.count == 2 {
                    names.pictures[parts[0], default: []].append(name)
                } else if name.hasSuffix(DurableFile.partialSuffix) {
                    names.partial.append(name)
                }
            }
        } catch {
            throw StorageError.file(operation: "readdir", path: directory.path, code: EIO)
        }
    }

    /// Removes files by the names that `names` gave.
    public func remove(names: [String]) throws {
        for name in names { try remove(directory.appendingPathComponent(name)) }
    }

    /// Flushes the folder: what was removed before stays removed.
    public func synchronize() throws {
        try DurableFile.synchronizeDirectory(directory)
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
        try setAside(names: [location(id, kind).lastPathComponent], into: folder)
    }

    /// As above, by the names that `names` gave. What is there under the same name keeps it.
    public func setAside(names: [String], into folder: URL) throws {
        try DurableFile.makeDirectory(folder)
        for name in names {
            let source = directory.appendingPathComponent(name).path
            var target = folder.appendingPathComponent(name).path
            if access(target, F_OK) == 0 { target += "." + JobID.make() }
            guard rename(source, target) == 0 else { throw StorageError.failed("rename", source) }
        }
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

}
