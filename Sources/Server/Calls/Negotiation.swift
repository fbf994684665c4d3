import Engine
import HTTPTypes

/// Which of several media types a client gets (RFC 9110 section 12.5.1).
enum Negotiation {
    /// The format of a picture that is there, or will be, in `own`: as asked by name, else as Accept prefers, `own` where it does not care.
    /// - Throws: `Problem` (not_acceptable)
    static func format(_ named: ImageFormat?, _ fields: HTTPFields, own: ImageFormat) throws -> ImageFormat {
        if let named { return named }
        let offers = [own] + ImageFormat.allCases.filter { $0 != own }
        let chosen = try preferred(fields, offers.map(\.mediaType))
        return offers.first { $0.mediaType == chosen } ?? own
    }

    /// - Parameter offers: the first of those that the client wants equally is taken.
    /// - Throws: `Problem` (not_acceptable); a malformed field is passed over, as if there were none.
    static func preferred(_ fields: HTTPFields, _ offers: [String]) throws -> String {
        guard let accept = Accept(fields[.accept] ?? "") ?? Accept(""), let chosen = accept.preferred(among: offers) else {
            throw Problem(
                .notAcceptable, "the header Accept takes none of \(offers.joined(separator: ", "))",
                whatToDo: "leave Accept out, or name one of \(offers.joined(separator: ", "))")
        }
        return chosen
    }
}
