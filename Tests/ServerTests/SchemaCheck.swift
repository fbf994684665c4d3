import Foundation

/// The part of JSON Schema 2020-12 that openapi.yaml uses. A keyword that is not known here is a violation too, so none is silently
/// ignored.
struct SchemaCheck {
    let root: JSONValue

    /// - Returns: what is wrong with `value`, with the place; empty when nothing is.
    func violations(_ value: JSONValue, _ schema: JSONValue, at place: String = "$") -> [String] {
        let schema = resolve(schema)
        return schema.members.flatMap { keyword, rule in
            violations(value, keyword, rule, schema).map { $0.hasPrefix("$") ? $0 : "\(place): \($0)" }
                .map { $0.replacingOccurrences(of: "$", with: place) }
        }
    }

    /// Follows `$ref` within the document.
    func resolve(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.string else { return value }
        let target = reference.dropFirst(2).split(separator: "/").reduce(root) { node, name in
            node[name.replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~")] ?? .null
        }
        return resolve(target)
    }

    private func violations(_ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ schema: JSONValue) -> [String] {
        switch keyword {
        case "description", "default", "contentMediaType": []
        case "type": types(rule).contains { has(value, $0) } ? [] : ["\(value) is not \(types(rule))"]
        case "enum": rule.elements.contains(value) ? [] : ["\(value) is none of \(rule.strings)"]
        case "const": rule == value ? [] : ["\(value) is not \(rule)"]
        case "minimum": value.number.map { $0 >= rule.number! } ?? true ? [] : ["\(value) is below \(rule)"]
        case "maximum": value.number.map { $0 <= rule.number! } ?? true ? [] : ["\(value) is above \(rule)"]
        case "maxItems": value.elements.count <= rule.integer! ? [] : ["has \(value.elements.count) items"]
        case "minItems": value.elements.count >= rule.integer! ? [] : ["has \(value.elements.count) items"]
        case "pattern":
            value.string.map { $0.range(of: rule.string!, options: .regularExpression) != nil } ?? true
                ? [] : ["\(value) does not match \(rule)"]
        case "format":
            value.string.map(isDateTime) ?? true ? [] : ["\(value) is no date-time"]
        case "required":
            has(value, "object") ? rule.strings.filter { value[$0] == nil }.map { "\($0) is missing" } : []
        case "additionalProperties":
            rule == .bool(false)
                ? Set(value.members.keys).subtracting(schema["properties"]!.members.keys).map { "\($0) is not documented" }
                : ["unexpected additionalProperties"]
        case "properties":
            rule.members.flatMap { name, rule in
                value[name].map { violations($0, rule, at: "$.\(name)") } ?? []
            }
        case "items": value.elements.enumerated().flatMap { violations($0.element, rule, at: "$[\($0.offset)]") }
        case "oneOf":
            rule.elements.filter { violations(value, $0).isEmpty }.count == 1 ? [] : ["\(value) does not fit exactly one schema"]
        default: ["the test does not know the keyword \(keyword)"]
        }
    }

    private func types(_ rule: JSONValue) -> [String] {
        rule.string.map { [$0] } ?? rule.strings
    }

    private func has(_ value: JSONValue, _ type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.bool, "boolean"), (.integer, "integer"), (.integer, "number"), (.number, "number"),
            (.string, "string"), (.array, "array"), (.object, "object"):
            true
        default: false
        }
    }

    /// RFC 3339 section 5.6.
    private func isDateTime(_ text: String) -> Bool {
        text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/) != nil
            && (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains(".")))) != nil
    }
}
