import Foundation

/// The file formats the service reads and writes.
public enum ImageFormat: String, Sendable, Codable, CaseIterable {
    case jpeg, png

    /// How many bytes from the beginning tell the format.
    package static let firstByteCount = 16

    /// The format that a file begins as, whatever its name says.
    /// - Parameter bytes: the first `firstByteCount`, or more
    /// - Throws: `ImageError.notAnImage`, `.foreign`
    package init(firstBytes bytes: Data) throws {
        let view = ByteView(bytes)
        if view.starts(with: PNGHeader.signature) {
            self = .png
        } else if view.starts(with: JPEGHeader.signature) {
            self = .jpeg
        } else {
            throw ForeignFormat.name(of: bytes).map(ImageError.foreign) ?? .notAnImage
        }
    }

    /// - Throws: `ImageError.sideTooLong` for a picture that cannot be written in this format
    func require(width: Int, height: Int) throws {
        let longestSide = 65_500  // libjpeg's; the format's is 65,535
        guard self == .png || max(width, height) <= longestSide else {
            throw ImageError.sideTooLong(limit: longestSide, width: width, height: height)
        }
    }

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
