import Foundation
import Storage

/// Pictures as they lie on disk, held against what their jobs say of them.
extension BlobStore {
    /// Whether the output of a succeeded job is there, and every bit of it as it was written: before it is given to another job too.
    /// - Throws: `StorageError.file`
    func holdsOutput(of job: Job) throws -> Bool {
        guard let output = job.output, bytes(id: job.id, kind: .output) == output.bytes else { return false }
        do {
            return try output.hash.map { try ContentHash.of(read(id: job.id, kind: .output)) == $0 } ?? true
        } catch StorageError.notFound {
            return false
        }
    }
}
