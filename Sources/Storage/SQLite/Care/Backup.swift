import Foundation

/// A copy of a data folder that a service may be working in: itself a data folder, which can be served.
///
/// The database goes first, as it is at one moment; then the pictures of the jobs it names. Pictures never change, an input is there before
/// its job and an output before its job's success, so whatever the copied database promises is still there, unless the job was deleted
/// since: then the copy forgets it too. The copy has its name only once it is whole.
public struct Backup: Sendable, Equatable {
    /// The folder is there and holds something.
    public struct TargetNotEmpty: Error, CustomStringConvertible {
        public let path: String
        public var description: String { "\(path) is there already; name a folder that is not" }
    }

    public let jobs: Int
    public let files: Int
    public let bytes: Int
    /// Pictures that the service itself lacks.
    public let missing: [String]

    /// - Parameters:
    ///   - directory: of `jobs` and `blobs`.
    ///   - target: not there yet, or an empty folder.
    /// - Throws: `TargetNotEmpty`, `StorageError`; then nothing stays of the copy.
    public static func make(of directory: URL, _ jobs: JobStore, _ blobs: BlobStore, to target: URL) throws -> Backup {
        let target = target.absoluteURL.standardizedFileURL
        if let names = try? FileManager.default.contentsOfDirectory(atPath: target.path), !names.isEmpty {
            throw TargetNotEmpty(path: target.path)
        }
        let parent = target.deletingLastPathComponent()
        let partial = parent.appendingPathComponent(target.lastPathComponent + "." + JobID.make() + DurableFile.partialSuffix)
        try DurableFile.makeDirectory(partial)
        do {
            try JobStore.backUp(directory: directory, to: partial)
            let backup = try copyPictures(jobs, blobs, to: partial)
            rmdir(target.path)
            guard rename(partial.path, target.path) == 0 else { throw StorageError.failed("rename", partial.path) }
            try DurableFile.synchronizeDirectory(parent)
            return backup
        } catch {
            try? FileManager.default.removeItem(at: partial)
            throw error
        }
    }

    private static func copyPictures(_ jobs: JobStore, _ blobs: BlobStore, to folder: URL) throws -> Backup {
        let copy = try JobStore(directory: folder, maxQueued: 0)
        let pictures = try BlobStore(directory: folder.appendingPathComponent("pictures"), reservedBytes: 0)
        var (count, files, bytes) = (0, 0, 0)
        var missing: [String] = []
        // By kind and by the job under whose name a shared file was first stored: the job in the copy that has it.
        var shared: [BlobKind: [String: String]] = [:]
        let sharedFiles = try copy.sharedFiles()
        var query = JobQuery(limit: JobQuery.maxLimit)
        repeat {
            let page = try copy.list(query)
            for job in page.jobs {
                let kinds: [BlobKind] = job.state == .succeeded ? [.input, .output] : [.input]
                var copied: [Int] = [], lacking: [String] = []
                for kind in kinds {
                    do {
                        let file = kind == .input ? job.inputFile : job.outputFile
                        if let twin = shared[kind]?[file], try link(pictures, twin, job.id, kind) {
                            copied.append(0)
                            continue
                        }
                        let data = try blobs.read(id: job.id, kind: kind)
                        try pictures.write(data, id: job.id, kind: kind)
                        copied.append(data.count)
                        if sharedFiles.contains(file) { shared[kind, default: [:]][file] = job.id }
                    } catch StorageError.notFound {
                        lacking.append("\(job.id).\(kind.rawValue)")
                    }
                }
                if !lacking.isEmpty, try jobs.job(id: job.id) == nil {
                    try copy.erase(id: job.id)
                    try pictures.remove(id: job.id)
                } else {
                    count += 1
                    files += copied.count
                    bytes += copied.reduce(0, +)
                    missing += lacking
                }
            }
            query.cursor = page.nextCursor
        } while query.cursor != nil
        try copy.close()
        return Backup(jobs: count, files: files, bytes: bytes, missing: missing)
    }

    /// - Returns: false when the twin was forgotten since, or the file system has no links: then the bytes are copied.
    private static func link(_ pictures: BlobStore, _ twin: String, _ id: String, _ kind: BlobKind) throws -> Bool {
        do {
            return try pictures.link(from: twin, to: id, kind: kind)
        } catch StorageError.notFound {
            return false
        }
    }
}
