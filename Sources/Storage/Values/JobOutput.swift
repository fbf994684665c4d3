/// What a job that has succeeded carries besides the picture's bytes, which lie in `BlobStore`: measured figures and where they come from.
///
/// A further figure is a member here and a line in `JobOutputRow`, then where it is measured and shown: DEVELOPING.md has the list.
public struct JobOutput: Sendable, Equatable {
    /// The format of the file, by the caller's name for it.
    public var format: String
    public var bytes: Int
    /// SHA-256 of the bytes, hexadecimal; nil for jobs of older versions.
    public var hash: String?
    /// Time of each stage as the caller's JSON.
    public var stageSeconds: String?
    /// Whether the output is the photograph itself, which was sharp; nil for jobs of older versions.
    public var isUnchanged: Bool?
    /// How well the output, blurred again, explains the photograph: dB; nil for jobs of older versions.
    public var reblurPSNR: Double?
    /// The model that computed the output, by the caller's name for it.
    public var modelHash: String?
    /// The version of the program that computed the output, by the caller's name for it; nil for jobs of older versions.
    public var version: String?
    /// The job that the output was computed for, if not for this one; it may be deleted since.
    public var reusedFrom: String?
    /// The job under whose name the file was first stored, where this job's is a link to it; that job may be gone. nil = this one.
    public var file: String?

    public init(
        format: String, bytes: Int, hash: String? = nil, stageSeconds: String? = nil, isUnchanged: Bool? = nil, reblurPSNR: Double? = nil,
        modelHash: String? = nil, version: String? = nil, reusedFrom: String? = nil, file: String? = nil
    ) {
        (self.format, self.bytes, self.hash, self.stageSeconds) = (format, bytes, hash, stageSeconds)
        (self.isUnchanged, self.reblurPSNR, self.modelHash, self.version) = (isUnchanged, reblurPSNR, modelHash, version)
        (self.reusedFrom, self.file) = (reusedFrom, file)
    }
}

extension Job {
    /// The job under whose name the output was first stored: this one, or another that shares its file with it. That may be gone.
    public var outputFile: String { output?.file ?? id }

    /// This job's output as another job has it that was not run; nil unless succeeded.
    /// - Parameter isLinked: the other's file is a link to this one's, and not a copy
    public func outputForTwin(isLinked: Bool) -> JobOutput? {
        guard var shared = output else { return nil }
        shared.reusedFrom = id
        shared.file = isLinked ? outputFile : nil
        return shared
    }
}
