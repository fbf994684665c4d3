import Foundation
import Testing

@testable import Engine

/// What a file that is not read is called.
@Suite(.timeLimit(.minutes(60))) struct ForeignFormatTests {
    @Test(arguments: [
        ("GIF89a\u{1}\0\u{1}\0", "a GIF picture"), ("RIFF1234WEBPVP8 ", "a WebP picture"),
        ("RIFF1234AVI LIST", "a RIFF file, such as AVI or WAV"),
        ("\0\0\0\u{1C}ftypheic\0\0\0\0", "a HEIC picture"), ("\0\0\0\u{1C}ftypavif\0\0\0\0", "an AVIF picture"),
        ("\0\0\0\u{1C}ftypisom\0\0\0\0", "an MP4 film"), ("II*\0\u{8}\0\0\0", "a TIFF picture or a camera's raw file"),
        ("BM6\0\0\0", "a BMP picture"), ("%PDF-1.7", "a PDF document"), ("<svg xmlns=", "an SVG drawing"), ("", "an empty file"),
    ])
    func theKindIsNamed(bytes: String, name: String) throws {
        let data = Data(bytes.utf8)
        #expect(ForeignFormat.name(of: data) == name)
        #expect(throws: ImageError.foreign(kind: name)) { try ImageInfo(of: data) }
        #expect("\(ImageError.foreign(kind: name))".hasPrefix("This is \(name), neither a JPEG nor a PNG file."))
    }

    @Test(arguments: ["hello", "G", "ftyp", "\0"]) func whatIsNotKnownHasNoName(bytes: String) {
        #expect(ForeignFormat.name(of: Data(bytes.utf8)) == nil)
        #expect(throws: ImageError.notAnImage) { try ImageInfo(of: Data(bytes.utf8)) }
    }
}
