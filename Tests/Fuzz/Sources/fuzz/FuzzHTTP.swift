@testable import Server

/// A client's bytes: the parser ends in a message or a refusal, and it is the same one however they were cut. The first two bytes say how.
func fuzzHTTP(_ data: [UInt8]) -> Int32 {
    guard data.count > 2 else { return -1 }
    let bytes = Array(data[2...]), piece = 1 + Int(data[0]) % 64, first = Int(data[1]) % bytes.count
    let limits = HTTPLimits(), whole = HTTPTranscript([bytes], limits: limits)
    let cut =
        [Array(bytes[..<first])] + stride(from: first, to: bytes.count, by: piece).map { Array(bytes[$0..<min($0 + piece, bytes.count)]) }
    precondition(HTTPTranscript(cut, limits: limits) == whole, "cut at \(first), then every \(piece)")
    return 0
}
