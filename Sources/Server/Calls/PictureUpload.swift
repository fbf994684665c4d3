import Foundation
import HTTPTypes

/// The picture in a request's body and the options beside it.
///
/// The body is the picture itself, or a form (multipart/form-data, RFC 7578) whose first file part is the picture and whose other parts are
/// options. Content-Type decides between the two and nothing more: what the picture is, its own first bytes say.
struct PictureUpload: Sendable {
    /// The body or a slice of it: a picture is not held twice.
    let picture: Data
    let options: JobOptions

    /// Problems that reading the upload, and inspecting its picture, may give.
    static let problems: Set<ProblemType> = [
        .emptyBody, .invalidForm, .invalidParameter, .bodyTooLarge, .tooManyPixels, .tooMuchMemory, .notAnImage, .unsupportedImage,
        .unsupportedContentCoding, .unreadableImage, .imageTooSmall,
    ]

    /// - Parameter optionNames: that a form may have fields for.
    /// - Throws: `Problem`, `MultipartError`
    init(_ request: Request, optionNames: [String] = JobOptions.names) throws {
        var values = request.query
        if let contentType = request.head.headerFields[.contentType], Multipart.isForm(contentType), !request.body.isEmpty {
            picture = try Self.readForm(request.body, contentType, optionNames, into: &values)
        } else {
            picture = request.body
        }
        options = try JobOptions(values)
    }

    private static func readForm(
        _ body: Data, _ contentType: String, _ optionNames: [String], into values: inout [(name: String, value: String)]
    ) throws -> Data {
        let parts = try Multipart.parts(body: body, contentType: contentType)
        // curl -F names a file; a script may send the bytes without a name, but not under the name of an option.
        guard
            let file = parts.first(where: { $0.filename != nil })
                ?? parts.first(where: { !JobOptions.names.contains($0.name) })
        else {
            throw Problem(.invalidForm, "the form has no file part")
        }
        for part in parts where part != file && part.filename == nil {
            guard optionNames.contains(part.name) else {
                throw Problem.parameter(
                    "'\(part.name.prefix(40))'", "is unknown",
                    optionNames.isEmpty ? "send the picture alone" : "use only: \(optionNames.joined(separator: ", "))")
            }
            values.append((part.name, String(decoding: part.data.prefix(WebhookTarget.maxBytes + 1), as: UTF8.self)))
        }
        return file.data
    }
}
