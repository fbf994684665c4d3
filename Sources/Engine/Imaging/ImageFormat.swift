/// The file formats the service reads and writes.
public enum ImageFormat: String, Sendable, Codable, CaseIterable {
    case jpeg, png

    /// As registered with IANA.
    public var mediaType: String {
        switch self {
        case .jpeg: "image/jpeg"
        case .png: "image/png"
        }
    }

    /// Without the dot.
    public var fileExtension: String {
        switch self {
        case .jpeg: "jpg"
        case .png: "png"
        }
    }
}
