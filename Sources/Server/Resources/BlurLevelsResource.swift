import Foundation
import HTTPTypes
import Storage

/// /v1/blur-levels: how blurred the photographs of the stored jobs were, as numbers or as a plot.
struct BlurLevelsResource: Sendable {
    private static let svg = "image/svg+xml", json = "application/json"
    private static let defaultBin = 20  // one frame more at 240 a second
    let context: ResourceContext

    var routes: [Route] {
        [
            Route(
                .get, "/v1/blur-levels", parameters: ["bin", "created_from", "created_before", "format"], problems: [.notAcceptable],
                .blocking(blurLevels))
        ]
    }

    private func blurLevels(_ call: Call) throws -> Response {
        let bin = try call.integer("bin", 1...500) ?? Self.defaultBin
        let from = try call.date("created_from"), before = try call.date("created_before")
        let mediaType: String
        switch try call.single("format") {
        case nil: mediaType = try Negotiation.preferred(call.request.head.headerFields, [Self.json, Self.svg])
        case "json": mediaType = Self.json
        case "svg": mediaType = Self.svg
        case .some(let text): throw Problem.parameter("format", "is '\(text.prefix(40))'", "use json or svg")
        }
        let distribution = BlurLevelDistribution(
            counts: try context.jobs.predictedTimesteps(from: from, before: before, keyID: call.caller.keyID), bin: bin)
        var response = Response.json(distribution)
        if mediaType == Self.svg {
            response.fields[.contentType] = Self.svg
            response.body = .data(Data(BlurLevelPlot(distribution).svg.utf8))
        }
        response.fields[.vary] = "Accept"
        return response
    }
}
