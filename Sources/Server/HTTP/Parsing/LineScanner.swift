import Glibc

/// Finds the next line that ends in CRLF. A bare LF ends nothing (RFC 9112 section 2.2 lets a server take it; two servers that
/// disagree about it is how requests are smuggled). A CR inside the line is left to whoever reads the line: no grammar allows it.
struct LineScanner {
    private var searched = 0  // bytes of the unfinished line that hold no LF

    /// - Parameters:
    ///   - position: the line's first byte; moved behind its CRLF when it is complete, otherwise left there.
    ///   - tooLong: made when the line, complete or not, is longer than `maxBytes` without its CRLF.
    /// - Returns: the line without CRLF, or nil when its end has not arrived.
    mutating func line(
        in input: Span<UInt8>, at position: inout Int, maxBytes: Int, tooLong: (_ measured: Int) -> ProtocolError
    ) throws(ProtocolError) -> Range<Int>? {
        let start = position
        guard let newline = firstNewline(in: input, from: start + searched) else {
            searched = input.count - start
            if searched > maxBytes + 1 { throw tooLong(searched) }  // the last byte may be the CR
            return nil
        }
        searched = 0
        guard newline > start, input[newline - 1] == 0x0D else { throw .badRequest("A line ends in LF without CR.") }
        let line = start..<(newline - 1)
        if line.count > maxBytes { throw tooLong(line.count) }
        position = newline + 1
        return line
    }

    private func firstNewline(in input: Span<UInt8>, from start: Int) -> Int? {
        guard start < input.count else { return nil }
        return input.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress, let found = memchr(base + start, 0x0A, bytes.count - start) else { return nil }
            return UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }
}
