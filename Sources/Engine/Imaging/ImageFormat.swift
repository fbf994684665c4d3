/// The file formats the service reads and writes.
public enum ImageFormat: String, Sendable, Codable, CaseIterable {
    case jpeg, png

    /// The media type of the format as registered with IANA.
    public var mediaType: String {
        switch self {
        case .jpeg: "image/jpeg"
        case .png: "image/png"
        }
    }

    /// The extension of a file's name in this format, without the dot.
    public var fileExtension: String {
        switch self {
        case .jpeg: "jpg"
        case .png: "png"
        }
    }
}
