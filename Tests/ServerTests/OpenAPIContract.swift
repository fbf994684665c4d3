import Foundation
@testable import Server

/// openapi.yaml as the judge of responses. Every response that a test of the service sees goes through `violations`.
struct OpenAPIContract {
    /// The document as the executable carries it.
    static let embedded = Result { try OpenAPIContract(OpenAPIDocument.data) }

    let root: JSONValue
    private var schemas: SchemaCheck { SchemaCheck(root: root) }

    init(_ data: Data) throws {
        root = try JSONValue(yaml: String(decoding: data, as: UTF8.self))
    }

    static let methods = ["get", "post", "put", "patch", "delete", "head", "options", "trace"]

    /// "POST /v1/jobs" and so on, each with its operation.
    var operations: [String: JSONValue] {
        var found: [String: JSONValue] = [:]
        for (template, item) in root["paths"]?.members ?? [:] {
            for (method, operation) in item.members where Self.methods.contains(method) {
                found["\(method.uppercased()) \(template)"] = operation
            }
        }
        return found
    }

    /// The parameters of an operation and of its path, resolved.
    func parameters(_ name: String) -> [JSONValue] {
        let template = String(name.split(separator: " ")[1])
        let shared = root["paths"]?[template]?["parameters"]?.elements ?? []
        return (shared + (operations[name]?["parameters"]?.elements ?? [])).map(schemas.resolve)
    }

    /// The responses of an operation by status or `default`, resolved.
    func responses(_ name: String) -> [String: JSONValue] {
        (operations[name]?["responses"]?.members ?? [:]).mapValues(schemas.resolve)
    }

    /// - Parameter target: path and query.
    /// - Returns: every way in which the answer is not what the document says.
    func violations(_ method: String, _ target: String, _ answer: HTTPLoopbackClient.Answer) -> [String] {
        let path = String(target.prefix { $0 != "?" })
        let name = operations.keys.first { name in
            let parts = name.split(separator: " ")
            return parts[0] == (method == "HEAD" ? "GET" : method) && Self.fits(path, String(parts[1]))
        }
        // Where there is no operation only what any request may meet is possible.
        let all = responses(name ?? "GET /healthz")
        guard let response = (name == nil ? nil : all[String(answer.status)]) ?? all["default"] else {
            return ["no response for \(answer.status)"]
        }
        return (headerViolations(response, answer) + bodyViolations(method, response, answer)).map {
            "\(method) \(target) -> \(answer.status): \($0)"
        }
    }

    private func headerViolations(_ response: JSONValue, _ answer: HTTPLoopbackClient.Answer) -> [String] {
        let documented = Dictionary(
            uniqueKeysWithValues: (response["headers"]?.members ?? [:]).map {
                ($0.key.lowercased(), schemas.resolve($0.value))
            })
        let own = answer.fields.keys.filter {
            $0.hasPrefix("fidediff-")
                || [
                    "location", "content-location", "retry-after", "allow", "etag", "last-modified", "accept-ranges", "content-range",
                    "vary",
                    "server-timing", "preference-applied", "idempotent-replayed",
                ].contains($0)
        }
        let unknown = own.filter { documented[$0] == nil }.map { "the header \($0) is not documented" }
        return unknown
            + documented.flatMap { name, header -> [String] in
                guard let text = answer.fields[name] else {
                    return header["required"] == .bool(true) ? ["the header \(name) is missing"] : []
                }
                let schema = schemas.resolve(header["schema"] ?? .null)
                let value: JSONValue =
                    switch schema["type"]?.string {
                    case "integer": Int(text).map(JSONValue.integer) ?? .string(text)
                    case "number": Double(text).map(JSONValue.number) ?? .string(text)
                    default: .string(text)
                    }
                return schemas.violations(value, schema, at: name)
            }
    }

    private func bodyViolations(_ method: String, _ response: JSONValue, _ answer: HTTPLoopbackClient.Answer) -> [String] {
        guard let content = response["content"]?.members else {
            return answer.body.isEmpty ? [] : ["there is a body, none is documented"]
        }
        let type = answer.fields["content-type"] ?? ""
        guard let media = content[type] else { return ["the media type \(type) is not documented"] }
        guard type.hasSuffix("json"), method != "HEAD" else { return [] }
        guard let value = try? JSONValue(json: Data(answer.body)) else { return ["the body is no JSON: \(answer.text)"] }
        var found = schemas.violations(value, media["schema"] ?? .null)
        if type == "application/problem+json" {
            if value["status"]?.integer != answer.status { found.append("the member status is \(value["status"] ?? .null)") }
            let kind = value["type"]?.string.map { $0.replacingOccurrences(of: "urn:fidediff:problem:", with: "") } ?? ""
            if response["x-problem-types"]?.strings.contains(kind) != true { found.append("the problem \(kind) is not documented") }
        }
        return found
    }

    private static func fits(_ path: String, _ template: String) -> Bool {
        let expected = template.split(separator: "/"), found = path.split(separator: "/")
        return expected.count == found.count && zip(expected, found).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
    }
}
