import Foundation
import Logging

/// W3C Trace Context (w3.org/TR/trace-context): which trace a request belongs to, and its span in it.
///
/// traceparent is VERSION-TRACE-PARENT-FLAGS: 2, 32, 16 and 2 lowercase hexadecimal digits, neither id all zeros. What does not look so is
/// ignored, as section 3.2.2.3 asks, and its tracestate with it. tracestate is passed on unread.
struct TraceContext: Sendable, Equatable {
    /// The trace's id, 32 hexadecimal digits.
    let traceID: String
    /// The span's id, 16 hexadecimal digits.
    let spanID: String
    /// Whether the caller may have recorded the trace.
    let isSampled: Bool
    let tracestate: String?

    /// Section 3.3.1.5: what is longer need not be propagated.
    private static let maxTracestateBytes = 512

    /// Begins a trace of its own, for a request that belongs to none.
    init() {
        self.init(traceID: Self.digits(16), spanID: Self.digits(8), isSampled: false, tracestate: nil)
    }

    /// What a peer sent; nil when there is nothing valid.
    init?(traceparent: String?, tracestate: String?) {
        guard let bytes = traceparent?.utf8.map({ $0 }), bytes.count >= 55 else { return nil }
        let hexadecimal = Set("0123456789abcdef".utf8)
        let dashes = [2, 35, 52]
        guard bytes[..<55].indices.allSatisfy({ dashes.contains($0) ? bytes[$0] == UInt8(ascii: "-") : hexadecimal.contains(bytes[$0]) })
        else { return nil }
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        let version = text(0..<2)
        // Section 3.2.4: a later version may append fields, version 00 may not, ff is no version.
        guard version != "ff", bytes.count == 55 || (version != "00" && bytes[55] == UInt8(ascii: "-")) else { return nil }
        let traceID = text(3..<35), spanID = text(36..<52)
        guard traceID.contains(where: { $0 != "0" }), spanID.contains(where: { $0 != "0" }), let flags = UInt8(text(53..<55), radix: 16)
        else { return nil }
        let state = tracestate.flatMap { $0.isEmpty || $0.utf8.count > Self.maxTracestateBytes ? nil : $0 }
        self.init(traceID: traceID, spanID: spanID, isSampled: flags & 1 == 1, tracestate: state)
    }

    private init(traceID: String, spanID: String, isSampled: Bool, tracestate: String?) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.tracestate = tracestate
    }

    /// A new span below this one.
    var child: TraceContext {
        TraceContext(traceID: traceID, spanID: Self.digits(8), isSampled: isSampled, tracestate: tracestate)
    }

    var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    var logMetadata: Logger.Metadata { ["trace_id": "\(traceID)", "span_id": "\(spanID)"] }

    /// Random hexadecimal digits for so many bytes, never all zeros.
    private static func digits(_ bytes: Int) -> String {
        let values = (0..<bytes).map { UInt8.random(in: $0 == 0 ? 1...255 : 0...255) }
        return values.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

extension TraceContext? {
    /// What every line of the log about a request carries.
    func metadata(ofRequest id: String, and more: Logger.Metadata = [:]) -> Logger.Metadata {
        var metadata = more
        metadata["request"] = "\(id)"
        if let self { metadata.merge(self.logMetadata) { $1 } }
        return metadata
    }
}
