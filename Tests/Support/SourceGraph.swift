import Foundation

/// Which file of a module names a type of which other one: what the order of its rooms is held against.
///
/// Read from the text: a file refers to the file that declares a capitalised name at its top level. Comments and texts do not count, nor
/// does a name behind a dot (`Job.State`) or one that the file declares itself, nested. Members of extensions are not seen.
public struct SourceGraph: Sendable {
    /// One name in one file.
    public struct Reference: Sendable, CustomStringConvertible {
        /// Paths within the module, for instance `Ops/Winograd.swift`.
        public let from, to: String
        public let name: String

        public var description: String { "\(from) names \(name) of \(to)" }
    }

    /// Paths within the module.
    public let files: [String]
    public let references: [Reference]
    /// Every type that the module declares, nested ones too.
    public let types: Set<String>
    /// The modules that each file imports.
    public let imports: [String: Set<String>]

    /// - Parameter module: a folder of `Sources`
    /// - Throws: when the folder or a file cannot be read
    public init(of module: String) throws {
        let folder = Repository.folder.appendingPathComponent("Sources/\(module)")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }.sorted()
        var words: [String: SwiftWords] = [:], homes: [String: String] = [:]
        for path in paths {
            let file = SwiftWords(of: try Data(contentsOf: folder.appendingPathComponent(path)))
            words[path] = file
            for name in file.declared { homes[name] = path }
        }
        files = paths
        types = words.values.reduce(into: []) { $0.formUnion($1.declared.union($1.nested)) }
        imports = words.mapValues(\.imports)
        references = paths.flatMap { path in
            guard let file = words[path] else { return [Reference]() }
            return file.named.subtracting(file.nested).sorted().compactMap { name in
                homes[name].flatMap { $0 == path ? nil : Reference(from: path, to: $0, name: name) }
            }
        }
    }

    /// References from a room to one that comes later.
    /// - Parameter order: folders of the module from the ground up, the module's own as ""; a folder stands for those below it that are
    ///   not listed
    public func upward(_ order: [String]) -> [Reference] {
        references.filter { Self.place($0.to, order) ?? .max > Self.place($0.from, order) ?? .max }
    }

    /// Files in a folder that the order does not have.
    public func homeless(_ order: [String]) -> [String] {
        files.filter { Self.place($0, order) == nil }
    }

    private static func place(_ path: String, _ order: [String]) -> Int? {
        var folder = (path as NSString).deletingLastPathComponent
        while true {
            if let place = order.firstIndex(of: folder) { return place }
            let parent = (folder as NSString).deletingLastPathComponent
            // A file that lies in no listed folder does not lie in the module's own.
            if parent.isEmpty { return nil }
            folder = parent
        }
    }
}

/// The capitalised words of a Swift file, by what they do there.
struct SwiftWords {
    /// At the top level.
    private(set) var declared: Set<String> = []
    /// Within another type.
    private(set) var nested: Set<String> = []
    /// Anywhere but behind a dot.
    private(set) var named: Set<String> = []
    private(set) var imports: Set<String> = []

    private static let declaring: Set<String> = ["struct", "class", "enum", "protocol", "actor", "typealias", "associatedtype"]

    private let text: [UInt8]
    private var at = 0
    private var depth = 0
    private var last = ""

    init(of data: Data) {
        text = [UInt8](data)
        code(until: nil)
    }

    /// - Parameter end: the closing bracket of an interpolation; nil reads to the end of the file
    private mutating func code(until end: UInt8?) {
        var brackets = 0
        while at < text.count {
            let byte = text[at]
            switch byte {
            case UInt8(ascii: "/") where next == UInt8(ascii: "/"): skipLine()
            case UInt8(ascii: "/") where next == UInt8(ascii: "*"): skipComment()
            case UInt8(ascii: "\""): string()
            case UInt8(ascii: "{"): depth += 1; at += 1
            case UInt8(ascii: "}"): depth -= 1; at += 1
            case UInt8(ascii: "("): brackets += 1; at += 1
            case UInt8(ascii: ")"):
                at += 1
                if brackets == 0, end != nil { return }
                brackets -= 1
            case _ where Self.isWord(byte): word()
            default: at += 1
            }
        }
    }

    private var next: UInt8? { at + 1 < text.count ? text[at + 1] : nil }

    private mutating func skipLine() {
        while at < text.count, text[at] != UInt8(ascii: "\n") { at += 1 }
    }

    private mutating func skipComment() {
        at += 2
        while at < text.count, !(text[at] == UInt8(ascii: "*") && next == UInt8(ascii: "/")) { at += 1 }
        at += 2
    }

    private mutating func string() {
        let isRaw = at > 0 && text[at - 1] == UInt8(ascii: "#")
        let quote =
            [UInt8](repeating: UInt8(ascii: "\""), count: text[at...].starts(with: "\"\"\"".utf8) ? 3 : 1)
            + (isRaw ? [UInt8(ascii: "#")] : [])
        at += isRaw ? quote.count - 1 : quote.count
        while at < text.count {
            if text[at...].starts(with: quote) {
                at += quote.count
                return
            }
            // Only a quote within a regular expression is never closed.
            if quote.count < 3, text[at] == UInt8(ascii: "\n") { return }
            if !isRaw, text[at] == UInt8(ascii: "\\") {
                let isInterpolation = next == UInt8(ascii: "(")
                at += 2
                if isInterpolation { code(until: UInt8(ascii: ")")) }
            } else {
                at += 1
            }
        }
    }

    private mutating func word() {
        let start = at
        while at < text.count, Self.isWord(text[at]) { at += 1 }
        let word = String(decoding: text[start..<at], as: UTF8.self)
        defer { last = word }
        if last == "import" { imports.insert(word) }
        guard text[start] >= UInt8(ascii: "A"), text[start] <= UInt8(ascii: "Z") else { return }
        if Self.declaring.contains(last) {
            if depth == 0 { declared.insert(word) } else { nested.insert(word) }
        } else if start == 0 || text[start - 1] != UInt8(ascii: ".") {
            named.insert(word)
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: byte >= 0x80
        }
    }
}
