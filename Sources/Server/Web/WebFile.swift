import Foundation
import HTTPTypes

/// A file of the pages, compiled into the executable (`embedInCode` in Package.swift), and how it is served.
struct WebFile: Sendable {
    let data: Data
    let mediaType: String
    /// Strong (RFC 9110 section 8.8.1): from the bytes.
    let entityTag: String

    init(_ bytes: [UInt8], _ mediaType: String) {
        data = Data(bytes)
        self.mediaType = mediaType
        entityTag = "\"" + SHA256.hash(data).prefix(16).map { String(format: "%02x", $0) }.joined() + "\""
    }

    /// Everything that the pages may do: their own scripts, styles and pictures, pictures that their scripts made, calls of this service.
    /// Nothing inline, nothing from elsewhere, no HTML made from texts, no frame around it.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ].joined(separator: "; ")

    /// - Parameter ifNoneMatch: the request's If-None-Match.
    /// - Returns: 304 when the client has these bytes.
    func response(ifNoneMatch: String?) -> Response {
        var fields: HTTPFields = [
            // Asked for again each time, and answered with 304: a new version is seen at once.
            .eTag: entityTag, .cacheControl: "no-cache", .contentSecurityPolicy: Self.contentSecurityPolicy,
        ]
        fields[.referrerPolicy] = "no-referrer"
        fields[.crossOriginOpenerPolicy] = "same-origin"
        fields[.crossOriginResourcePolicy] = "same-origin"
        if let ifNoneMatch, isAmong(ifNoneMatch) { return Response(status: .notModified, fields: fields) }
        fields[.contentType] = mediaType
        return Response(status: .ok, fields: fields, body: .data(data))
    }

    /// RFC 9110 section 13.1.2, by weak comparison (section 8.8.3.2). This tag has no comma, so no other tag can be cut into it.
    private func isAmong(_ list: String) -> Bool {
        list.split(separator: ",").contains { element in
            let tag = element.trimmingPrefix { $0 == " " || $0 == "\t" }
            let end = tag.lastIndex { $0 != " " && $0 != "\t" }.map { tag[...$0] } ?? ""
            return end == "*" || end == entityTag || end == "W/" + entityTag
        }
    }
}

extension HTTPField.Name {
    static let referrerPolicy = known("Referrer-Policy")
    static let crossOriginOpenerPolicy = known("Cross-Origin-Opener-Policy")

    private static func known(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("'\(text)' is no field name (RFC 9110 section 5.1)") }
        return name
    }
}
