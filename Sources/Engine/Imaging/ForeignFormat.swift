import Foundation

/// Names files that are neither JPEG nor PNG by their first bytes, so that who sent one hears what it is.
enum ForeignFormat {
    /// With its article; nil for what is not known.
    /// - Parameter bytes: the first `ImageFormat.firstByteCount`, or more
    static func name(of bytes: Data) -> String? {
        if bytes.isEmpty { return "an empty file" }
        let view = ByteView(bytes)
        if view.starts(with: Array("ftyp".utf8), at: 4) { return container(brand: view.bytes(at: 8, count: 4)) }
        if view.starts(with: Array("RIFF".utf8)) {
            return view.starts(with: Array("WEBP".utf8), at: 8) ? "a WebP picture" : "a RIFF file, such as AVI or WAV"
        }
        return signatures.first { view.starts(with: $0.bytes) }?.name
    }

    /// ISO/IEC 14496-12, 4.3: what a file of boxes is for.
    private static func container(brand: Data?) -> String {
        switch String(decoding: brand ?? Data(), as: UTF8.self) {
        case "avif", "avis": "an AVIF picture"
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1": "a HEIC picture"
        case "crx ": "a camera's raw file (CR3)"
        case "qt  ": "a QuickTime film"
        default: "an MP4 film"
        }
    }

    private static let signatures: [(bytes: [UInt8], name: String)] = [
        (Array("GIF8".utf8), "a GIF picture"), (Array("BM".utf8), "a BMP picture"), (Array("8BPS".utf8), "a Photoshop document"),
        ([0x49, 0x49, 42, 0], "a TIFF picture or a camera's raw file"), ([0x4D, 0x4D, 0, 42], "a TIFF picture or a camera's raw file"),
        ([0x49, 0x49, 43, 0], "a TIFF picture"), ([0x4D, 0x4D, 0, 43], "a TIFF picture"),
        (Array("IIRO".utf8), "a camera's raw file (ORF)"), ([0x49, 0x49, 0x55, 0], "a camera's raw file (RW2)"),
        (Array("FUJIFILM".utf8), "a camera's raw file (RAF)"),
        ([0xFF, 0x0A], "a JPEG XL picture"), ([0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20], "a JPEG XL picture"),
        ([0xFF, 0x4F, 0xFF, 0x51], "a JPEG 2000 picture"), ([0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20], "a JPEG 2000 picture"),
        ([0x8A, 0x4D, 0x4E, 0x47], "an MNG animation"), ([0x8B, 0x4A, 0x4E, 0x47], "a JNG picture"),
        ([0, 0, 1, 0], "a Windows icon"), ([0x76, 0x2F, 0x31, 0x01], "an OpenEXR picture"), (Array("qoif".utf8), "a QOI picture"),
        (Array("%PDF".utf8), "a PDF document"), (Array("<svg".utf8), "an SVG drawing"),
        (Array("<?xml".utf8), "XML, such as an SVG drawing"),
        (Array("<!DOCTYPE html".utf8), "a web page"), (Array("<!doctype html".utf8), "a web page"), (Array("<html".utf8), "a web page"),
        ([0x50, 0x4B, 3, 4], "a ZIP archive"), ([0x1F, 0x8B], "a gzip archive"), ([0x1A, 0x45, 0xDF, 0xA3], "a Matroska or WebM film"),
    ]
}
