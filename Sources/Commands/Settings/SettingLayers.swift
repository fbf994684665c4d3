import ArgumentParser
import Foundation

/// Where a setting's value comes from: the flag, else the environment, else the file, else the default.
///
/// One name, three spellings: --max-queued, FIDEDIFF_MAX_QUEUED, and "max_queued" in a JSON object.
package struct SettingLayers {
    /// A setting, the value that it has, and where that came from.
    package struct Row: Sendable {
        package let name: String
        package let value: String
        package let source: String
    }

    package static let prefix = "FIDEDIFF_"

    package private(set) var rows: [Row] = []
    private let environment: [String: String]
    private let path: String?
    private let file: [String: String]

    /// - Parameter config: a JSON file; nil = FIDEDIFF_CONFIG, else none.
    /// - Throws: `ValidationError` when the file cannot be read, or holds anything but an object of texts, numbers, truth values and
    ///   lists of them.
    package init(config: String?, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        self.environment = environment
        path = config ?? environment[Self.variable("config")].flatMap { $0.isEmpty ? nil : $0 }
        guard let path else {
            file = [:]
            return
        }
        do {
            file = try JSONDecoder().decode([String: Scalar].self, from: Data(contentsOf: URL(fileURLWithPath: path))).mapValues(\.text)
        } catch {
            throw ValidationError(
                "the configuration \(path) cannot be read as a JSON object of texts, numbers, true, false and lists of them: \(Self.reason(error))"
            )
        }
    }

    /// - Parameter check: what to do instead when the value is impossible; nil when it is possible.
    package mutating func value<T: ExpressibleByArgument>(
        _ name: String, _ flag: T?, default standard: T, check: (T) -> String? = { _ in nil }
    ) throws -> T {
        try optional(name, flag, default: "\(standard)", check: check) ?? standard
    }

    /// - Parameters:
    ///   - standard: how the default is shown.
    ///   - isSecret: the value is not shown.
    package mutating func optional<T: ExpressibleByArgument>(
        _ name: String, _ flag: T?, default standard: String = "-", isSecret: Bool = false, check: (T) -> String? = { _ in nil }
    ) throws -> T? {
        var value: T?
        let source: String
        let variable = Self.variable(name)
        if let flag {
            (value, source) = (flag, "flag --\(name)")
        } else if let text = environment[variable], !text.isEmpty {
            source = "environment \(variable)"
            value = try Self.parse(text, name, source)
        } else if let path, let text = file[Self.key(name)] {
            source = "file \(path)"
            value = try Self.parse(text, name, source)
        } else {
            source = "default"
        }
        if let value, let whatToDo = check(value) { throw ValidationError("--\(name) is \(value) (\(source)); \(whatToDo)") }
        rows.append(Row(name: name, value: value.map { isSecret ? "(set)" : "\($0)" } ?? standard, source: source))
        return value
    }

    /// To be called when all settings have been asked for.
    /// - Throws: `ValidationError` for a name in the file that no setting has: a misspelt one must not pass silently.
    package func requireKnownNames() throws {
        let known = Set(rows.map { Self.key($0.name) })
        guard let unknown = file.keys.filter({ !known.contains($0) }).min() else { return }
        throw ValidationError(
            "\(path ?? "the configuration") has the unknown setting '\(unknown)'; it may have: \(known.sorted().joined(separator: ", "))")
    }

    /// Variables with this program's prefix that no setting has. Not an error: Kubernetes adds some for each service of that name.
    package var unknownVariables: [String] {
        let known = Set((rows.map(\.name) + ["config"]).map(Self.variable))
        return environment.keys.filter { $0.hasPrefix(Self.prefix) && !known.contains($0) }.sorted()
    }

    /// One line a setting: name, value, where it came from.
    package var table: String {
        let names = rows.map(\.name.count).max() ?? 0, values = rows.map(\.value.count).max() ?? 0
        return rows.map { row in
            "\(row.name.padding(toLength: names, withPad: " ", startingAt: 0))  \(row.value.padding(toLength: max(values, row.value.count), withPad: " ", startingAt: 0))  \(row.source)"
        }.joined(separator: "\n")
    }

    private static func variable(_ name: String) -> String { prefix + key(name).uppercased() }
    private static func key(_ name: String) -> String { name.replacingOccurrences(of: "-", with: "_") }

    private static func parse<T: ExpressibleByArgument>(_ text: String, _ name: String, _ source: String) throws -> T {
        guard let value = T(argument: text) else {
            let known = T.allValueStrings
            throw ValidationError(
                "--\(name) is '\(text)' (\(source)); \(known.isEmpty ? "that is no value of its kind" : "use one of \(known.joined(separator: ", "))")"
            )
        }
        return value
    }

    private static func reason(_ error: any Error) -> String {
        (error as? DecodingError).map { "\($0)" } ?? error.localizedDescription
    }

    /// A value of the file as a flag would spell it; lists are joined by commas.
    private struct Scalar: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Bool.self) {
                text = String(value)
            } else if let value = try? container.decode(Int.self) {
                text = String(value)
            } else if let value = try? container.decode(Double.self) {
                text = String(value)
            } else if let values = try? container.decode([Scalar].self) {
                text = values.map(\.text).joined(separator: ",")
            } else {
                text = try container.decode(String.self)
            }
        }
    }
}
