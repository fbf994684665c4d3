import Foundation
import HTTPTypes

/// The pages: / to deblur by hand, /docs to read the contract, /web for what the two consist of.
struct WebResource: Sendable {
    private static let html = "text/html; charset=utf-8"
    private static let script = "text/javascript; charset=utf-8"
    private static let style = "text/css; charset=utf-8"

    static let page = WebFile(PackageResources.index_html, html)
    static let docs = WebFile(PackageResources.docs_html, html)

    /// The files of the pages by the last part of their path. openapi.yaml lists the same names.
    static let files: [String: WebFile] = [
        "api.js": WebFile(PackageResources.api_js, script),
        "app.js": WebFile(PackageResources.app_js, script),
        "base.css": WebFile(PackageResources.base_css, style),
        "docs.css": WebFile(PackageResources.docs_css, style),
        "docs.js": WebFile(PackageResources.docs_js, script),
        "events.js": WebFile(PackageResources.events_js, script),
        "follow.js": WebFile(PackageResources.follow_js, script),
        "icon.svg": WebFile(PackageResources.icon_svg, "image/svg+xml"),
        "photographs.js": WebFile(PackageResources.photographs_js, script),
        "strip.js": WebFile(PackageResources.strip_js, script),
        "style.css": WebFile(PackageResources.style_css, style),
        "viewer.css": WebFile(PackageResources.viewer_css, style),
        "viewer.js": WebFile(PackageResources.viewer_js, script),
        "words.js": WebFile(PackageResources.words_js, script),
        "yaml.js": WebFile(PackageResources.yaml_js, script),
        "zip.js": WebFile(PackageResources.zip_js, script),
    ]

    var routes: [Route] {
        [
            Route(.get, "/", successes: [200, 304], .immediate { Self.page.response(to: $0) }),
            Route(.get, "/docs", successes: [200, 304], .immediate { Self.docs.response(to: $0) }),
            Route(.get, "/web/{file}", successes: [200, 304], .immediate(file)),
        ]
    }

    /// Answers with a file of the pages.
    /// - Throws: `Problem` (not_found)
    private func file(_ call: Call) throws -> Response {
        guard let name = call.path["file"], let file = Self.files[name] else {
            throw Problem(.notFound, "there is nothing at \(call.request.path.prefix(200))")
        }
        return file.response(to: call)
    }
}

extension WebFile {
    fileprivate func response(to call: Call) -> Response {
        response(ifNoneMatch: call.request.head.headerFields[.ifNoneMatch])
    }
}
