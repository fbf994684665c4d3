import CCodecs
import Foundation

/// A JPEG or PNG being written row by row through CCodecs. Used by one thread.
final class RowWriter {
    private let writer: UnsafeMutablePointer<ccodecs_writer>

    /// Writes the header with `exif` and `icc`; `quality` is for JPEG alone. Throws `ImageError.unsupported`.
    init(_ format: ImageFormat, layout: ccodecs_layout, quality: Int, exif: Data?, icc: Data?) throws {
        var created: UnsafeMutablePointer<ccodecs_writer>?
        let status = Self.withBytes(of: exif) { exif, exifCount in
            Self.withBytes(of: icc) { icc, iccCount in
                switch format {
                case .jpeg: ccodecs_create_jpeg(layout, Int32(quality), exif, exifCount, icc, iccCount, &created)
                case .png: ccodecs_create_png(layout, exif, exifCount, icc, iccCount, &created)
                }
            }
        }
        guard let created else { throw ImageError.outOfMemory }
        writer = created
        try check(status)  // from here on deinit closes
    }

    deinit { writer.pointee.close(writer) }

    /// Writes the next row, of width * channels samples.
    func write(_ row: UnsafeRawPointer) throws {
        try check(writer.pointee.write_row(writer, row))
    }

    /// The whole file. To be called once, after the last row.
    func finish() throws -> Data {
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        try check(writer.pointee.finish(writer, &bytes, &count))
        guard let bytes else { return Data() }
        return Data(bytesNoCopy: bytes, count: count, deallocator: .free)
    }

    private static func withBytes<Result>(of data: Data?, _ body: (UnsafePointer<UInt8>?, Int) -> Result) -> Result {
        guard let data, !data.isEmpty else { return body(nil, 0) }
        return data.withUnsafeBytes { body($0.bindMemory(to: UInt8.self).baseAddress, $0.count) }
    }

    private func check(_ status: ccodecs_status) throws {
        guard let error = ImageError(status, reason: writer.pointee.reason) else { return }
        // A writer's input is a Photograph: whatever the codec refuses, it cannot hold.
        if case .corrupt(let reason) = error { throw ImageError.unsupported(reason: reason) }
        throw error
    }
}
