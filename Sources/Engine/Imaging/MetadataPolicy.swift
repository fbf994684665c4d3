/// What of a photograph's metadata goes into the picture that is made of it. The colour profile always does: without it the colours are
/// others.
public enum MetadataPolicy: String, Sendable, Codable, CaseIterable {
    /// Keeps all Exif.
    case keep
    /// Writes no Exif.
    case strip
    /// Keeps Exif but for the place where the photograph was taken.
    case stripGPS = "strip-gps"
}

extension PhotographMetadata {
    /// Exif that cannot be read is left out where the place must go: nobody can tell what it holds.
    func applying(_ policy: MetadataPolicy) -> PhotographMetadata {
        var result = self
        switch policy {
        case .keep: break
        case .strip: result.exif = nil
        case .stripGPS: result.exif = exif.flatMap { Exif($0)?.withoutGPS() }
        }
        return result
    }
}
