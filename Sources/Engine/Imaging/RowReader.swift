import CCodecs
import Foundation

/// A JPEG or PNG being read row by row through CCodecs. Used by one thread, while the bytes it was given stay in place.
final class RowReader {
    private let reader: UnsafeMutablePointer<ccodecs_reader>

    /// Reads the header only. Throws `ImageError`.
    init(_ bytes: UnsafeRawBufferPointer, format: ImageFormat) throws {
        var opened: UnsafeMutablePointer<ccodecs_reader>?
        let start = bytes.bindMemory(to: UInt8.self).baseAddress
        let status =
            switch format {
            case .jpeg: ccodecs_open_jpeg(start, bytes.count, &opened)
            case .png: ccodecs_open_png(start, bytes.count, &opened)
            }
        guard let opened else { throw ImageError.outOfMemory }
        reader = opened
        try check(status)  // from here on deinit closes
    }

    deinit { reader.pointee.close(reader) }

    var layout: ccodecs_layout { reader.pointee.layout }

    /// The ICC profile of a PNG; nil where it has none.
    var icc: Data? {
        reader.pointee.icc.map { Data(bytes: $0, count: reader.pointee.icc_count) }
    }

    /// Reads the next row into width * channels samples.
    func read(into row: UnsafeMutableRawPointer) throws {
        try check(reader.pointee.read_row(reader, row))
    }

    /// Reads on to the end of the file, which may show damage.
    func finish() throws {
        try check(reader.pointee.finish(reader))
    }

    private func check(_ status: ccodecs_status) throws {
        guard let error = ImageError(status, reason: reader.pointee.reason) else { return }
        throw error
    }
}

extension ImageError {
    /// The error that a codec's status stands for; nil when it is CCODECS_OK.
    init?(_ status: ccodecs_status, reason: UnsafePointer<CChar>?) {
        let words = reason.map { String(cString: $0) } ?? "no reason given"
        switch status {
        case CCODECS_OK: return nil
        case CCODECS_UNSUPPORTED: self = .unsupported(reason: words)
        case CCODECS_NO_MEMORY: self = .outOfMemory
        default: self = .corrupt(reason: words)
        }
    }
}
