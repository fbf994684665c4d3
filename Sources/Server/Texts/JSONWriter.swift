import Foundation

/// A document that writes its own JSON.
protocol JSONWritable: Sendable {
    func write(_ json: inout JSONWriter)
}

/// JSON (RFC 8259) written straight into bytes.
///
/// For documents that clients ask for again and again: JSONEncoder takes most of the time of a request for a job, this a small part. The
/// names of members are this module's own and need no escapes; whoever writes an object writes them in alphabetical order, as JSON.encode
/// does.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var isFirst = true  // in the object or array that is open

    init() {
        bytes.reserveCapacity(1_024)
    }

    // MARK: Values that stand alone or in an array

    mutating func object(_ members: (inout JSONWriter) -> Void) {
        separate()
        enclosed(0x7B, 0x7D, members)
    }

    mutating func value(_ value: some JSONWritable) {
        value.write(&self)
    }

    // MARK: Members of an object; nil is written as null

    mutating func object<Value>(_ name: StaticString, _ value: Value?, _ members: (inout JSONWriter, Value) -> Void) {
        self.name(name)
        guard let value else { return null() }
        enclosed(0x7B, 0x7D) { members(&$0, value) }
    }

    mutating func array<Value>(_ name: StaticString, _ values: [Value], _ element: (inout JSONWriter, Value) -> Void) {
        self.name(name)
        enclosed(0x5B, 0x5D) { json in
            for value in values { element(&json, value) }
        }
    }

    mutating func member(_ name: StaticString, _ value: (some JSONWritable)?) {
        self.name(name)
        guard let value else { return null() }
        isFirst = true  // the value's own braces follow the colon
        value.write(&self)
    }

    mutating func member(_ name: StaticString, _ value: String?) {
        self.name(name)
        guard let value else { return null() }
        append(value)
    }

    mutating func member(_ name: StaticString, _ value: Int?) {
        self.name(name)
        guard let value else { return null() }
        unescaped(String(value))
    }

    mutating func member(_ name: StaticString, _ value: Bool?) {
        self.name(name)
        guard let value else { return null() }
        unescaped(value ? "true" : "false")
    }

    /// JSON has no word for what is not finite: null.
    mutating func member(_ name: StaticString, _ value: Double?) {
        self.name(name)
        guard let value, value.isFinite else { return null() }
        if let whole = Int64(exactly: value) { return unescaped(String(whole)) }
        unescaped(value.description)
    }

    mutating func member(_ name: StaticString, _ value: Date?) {
        self.name(name)
        guard let value else { return null() }
        append(RFC3339.text(value))
    }

    // MARK: -

    private mutating func name(_ name: StaticString) {
        separate()
        bytes.append(0x22)
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(0x22)
        bytes.append(0x3A)
    }

    private mutating func separate() {
        if !isFirst { bytes.append(0x2C) }
        isFirst = false
    }

    private mutating func enclosed(_ open: UInt8, _ close: UInt8, _ content: (inout JSONWriter) -> Void) {
        bytes.append(open)
        isFirst = true
        content(&self)
        bytes.append(close)
        isFirst = false
    }

    private mutating func null() { unescaped("null") }

    private mutating func unescaped(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// Section 7: quotation marks, backslashes and controls are escaped.
    private mutating func append(_ text: String) {
        var text = text
        bytes.append(0x22)
        text.withUTF8 { utf8 in
            var start = 0
            for index in utf8.indices {
                let byte = utf8[index]
                guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
                escape(byte)
                start = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
        }
        bytes.append(0x22)
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22, 0x5C: bytes += [0x5C, byte]
        case 0x0A: bytes += Array(#"\n"#.utf8)
        case 0x0D: bytes += Array(#"\r"#.utf8)
        case 0x09: bytes += Array(#"\t"#.utf8)
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes += Array(#"\u00"#.utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
}
