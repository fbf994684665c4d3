import Foundation
import HTTPTypes

/// Responses in JSON.
extension Response {
    /// - Parameter value: an object; encoding one of this module's documents does not fail.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok, fields: HTTPFields = [:]) -> Response {
        json(JSON.encodeOrEmpty(value), status, fields)
    }

    static func json(_ value: some JSONWritable, status: HTTPResponse.Status = .ok, fields: HTTPFields = [:]) -> Response {
        json(Data(JSON.bytes(value)), status, fields)
    }

    private static func json(_ data: Data, _ status: HTTPResponse.Status, _ fields: HTTPFields) -> Response {
        var fields = fields
        fields[.contentType] = "application/json"
        fields[.cacheControl] = "no-store"
        return Response(status: status, fields: fields, body: .data(data))
    }
}
