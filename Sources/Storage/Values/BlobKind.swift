/// Which of a job's pictures a file holds.
///
/// The raw value is the file's extension.
public enum BlobKind: String, Sendable, Codable, CaseIterable {
    case input, output
}
