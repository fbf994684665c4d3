import Foundation
import Storage

/// Something that is not as it should be.
public struct DataFinding: Sendable, Equatable, Encodable {
    public enum Kind: String, Sendable, Encodable, CaseIterable {
        case damagedDatabase = "damaged_database"
        case interruptedJob = "interrupted_job"
        case missingInput = "missing_input"
        case wrongInput = "wrong_input"
        case missingOutput = "missing_output"
        case wrongOutput = "wrong_output"
        case orphanFile = "orphan_file"
        case model
    }

    public let kind: Kind
    /// Id of a job, name of a file, or path of a folder.
    public let subject: String
    public let detail: String
    /// What was done about it; nil = nothing was.
    public var repair: String?

    public init(_ kind: Kind, _ subject: String, _ detail: String, repair: String? = nil) {
        self.kind = kind
        self.subject = subject
        self.detail = detail
        self.repair = repair
    }
}

/// Holds a data folder against itself: the database's own integrity, each job against its pictures, each picture against the
/// jobs. Repairs what loses nothing: a picture that is not what its job says is set aside, never deleted; a job that cannot be run fails.
///
/// Under a running service it only looks, and leaves out what such a service is about to change anyway.
public struct DataCheck {
    private let folder: DataFolder
    private let repairs: Bool

    /// - Parameter repairs: only where no service works in the folder.
    public init(_ folder: DataFolder, repairs: Bool) {
        precondition(!repairs || !folder.isServed, "a folder that a service works in is not repaired")
        self.folder = folder
        self.repairs = repairs
    }

    /// Compares jobs with files, and mends what it was told to.
    /// - Throws: `StorageError` where either cannot be read
    public func run() throws -> [DataFinding] {
        var findings = try checkDatabase()
        // Rows that cannot be trusted say nothing about files.
        if findings.contains(where: { $0.repair == nil }) { return findings }
        if repairs, try folder.jobs.recount() {
            findings.append(
                DataFinding(
                    .damagedDatabase, JobStore.fileName, "counts of jobs were not those of the rows", repair: "they were counted anew"))
        }
        findings += try checkInterruptedJobs()
        var query = JobQuery(limit: JobQuery.maxLimit)
        repeat {
            let page = try folder.jobs.list(query)
            for job in page.jobs { findings += try check(job) }
            query.cursor = page.nextCursor
        } while query.cursor != nil
        return try findings + checkOrphans()
    }

    private func checkDatabase() throws -> [DataFinding] {
        let damages = try folder.jobs.damages()
        guard !damages.isEmpty else { return [] }
        var remaining = damages
        if repairs {
            // What only an index has wrong is right again once it is written anew from the table.
            try? folder.jobs.rebuildIndices()
            remaining = try folder.jobs.damages()
        }
        return damages.map { damage in
            DataFinding(
                .damagedDatabase, JobStore.fileName, remaining.contains(damage) ? damage + "; restore a backup" : damage,
                repair: repairs && !remaining.contains(damage) ? "the indices were written anew" : nil)
        }
    }

    private func checkInterruptedJobs() throws -> [DataFinding] {
        guard try !folder.isServedNow() else { return [] }
        let running = try folder.jobs.list(JobQuery(states: [.running], limit: JobQuery.maxLimit)).jobs
        if repairs, !running.isEmpty { try folder.jobs.requeueRunning() }
        // A service may have started meanwhile, and taken them up.
        guard try !folder.isServedNow() else { return [] }
        return running.map {
            DataFinding(
                .interruptedJob, $0.id, "runs, but no service does",
                repair: repairs ? "it waits again, or failed after its last attempt" : nil)
        }
    }

    private func check(_ job: Job) throws -> [DataFinding] {
        var findings: [DataFinding] = []
        if let finding = try check(job, .input, bytes: job.inputBytes, hash: job.inputHash) { findings.append(finding) }
        if job.state == .succeeded, let output = job.output,
            let finding = try check(job, .output, bytes: output.bytes, hash: output.hash)
        {
            findings.append(finding)
        }
        return findings
    }

    private func check(_ job: Job, _ kind: BlobKind, bytes: Int, hash: String?) throws -> DataFinding? {
        let fault: (isMissing: Bool, detail: String)
        do {
            let data = try folder.blobs.read(id: job.id, kind: kind)
            if data.count != bytes {
                fault = (false, "the \(kind.rawValue) has \(data.count) bytes, the job says \(bytes)")
            } else if let hash, ContentHash.of(data) != hash {
                fault = (false, "the \(kind.rawValue) has another SHA-256 than the job says")
            } else {
                return nil
            }
        } catch StorageError.notFound {
            // Deleted or expired while this looked.
            guard try folder.jobs.job(id: job.id) != nil else { return nil }
            fault = (true, "the \(kind.rawValue) is not there")
        }
        let type: DataFinding.Kind =
            switch (kind, fault.isMissing) {
            case (.input, true): .missingInput
            case (.input, false): .wrongInput
            case (.output, true): .missingOutput
            case (.output, false): .wrongOutput
            }
        return DataFinding(type, job.id, fault.detail, repair: repairs ? try repair(job, kind, isMissing: fault.isMissing) : nil)
    }

    private func repair(_ job: Job, _ kind: BlobKind, isMissing: Bool) throws -> String? {
        var done: [String] = []
        if !isMissing {
            try folder.blobs.setAside(id: job.id, kind: kind, into: folder.quarantine)
            done.append("the file was moved to quarantine/")
        }
        if kind == .input, !job.state.isFinal {
            try folder.jobs.failUnfinished(
                id: job.id, problemType: ProblemType.inputGone.rawValue, detail: "the stored photograph of this job is missing or damaged")
            done.append("the job has failed")
        }
        return done.isEmpty ? nil : done.joined(separator: ", ")
    }

    private func checkOrphans() throws -> [DataFinding] {
        guard try !folder.isServedNow() else { return [] }
        let names = try folder.blobs.names()
        let unknown = try folder.jobs.unknown(Set(names.pictures.keys)), gone = try folder.jobs.gone(unknown)
        guard try !folder.isServedNow() else { return [] }
        let rubbish = names.partial + gone.flatMap { names.pictures[$0] ?? [] }
        let strange = unknown.subtracting(gone).flatMap { names.pictures[$0] ?? [] }
        if repairs {
            try folder.blobs.remove(names: rubbish)
            if !strange.isEmpty { try folder.blobs.setAside(names: strange, into: folder.quarantine) }
            try folder.blobs.synchronize()
        }
        return rubbish.sorted().map {
            DataFinding(.orphanFile, $0, "was left over by a crash or a deletion", repair: repairs ? "it was removed" : nil)
        }
            + strange.sorted().map {
                DataFinding(.orphanFile, $0, "belongs to no job", repair: repairs ? "it was moved to quarantine/" : nil)
            }
    }
}
