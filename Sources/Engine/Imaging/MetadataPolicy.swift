import Foundation

/// What of a photograph's metadata goes into the picture that is made of it. The colour profile always does: without it the colours are
/// others.
public enum MetadataPolicy: String, Sendable, Codable, CaseIterable {
    /// Keeps Exif, XMP, IPTC, comments, texts and resolution.
    case keep
    /// Keeps none of them.
    case strip
    /// Keeps them but for the coordinates of the place where the photograph was taken. A maker's own note in the Exif stays as it is.
    case stripGPS = "strip-gps"
}

extension PhotographMetadata {
    /// What cannot be read is left out where the place must go: nobody can tell what it holds.
    func applying(_ policy: MetadataPolicy) -> PhotographMetadata {
        var result = self
        switch policy {
        case .keep: break
        case .strip:
            result = PhotographMetadata(icc: icc, chromaSubsampling: chromaSubsampling)
            result.colours = colours
        case .stripGPS:
            result.exif = exif.flatMap { Exif($0)?.withoutGPS() }
            result.xmp = xmp.flatMap(XMP.withoutGPS)
            // Its parts are cut anywhere, so that a name may lie in two of them.
            if Data(extendedXMP.joined()).range(of: Data("GPS".utf8)) != nil { result.extendedXMP = [] }
            result.photoshop = photoshop.compactMap { PhotoshopResources($0)?.without(PhotoshopResources.otherMetadata) }
            result.texts = texts.filter { !$0.mayHoldPlace }
        }
        return result
    }
}
