import Foundation
import HTTPTypes

/// A picture that never changes, as the answer to a GET: conditional requests and ranges (RFC 9110 sections 13 and 14).
struct PictureAnswer: Sendable {
    /// Problems that the header of a request may lead to.
    static let problems: Set<ProblemType> = [.preconditionFailed, .rangeNotSatisfiable]
    static let successes: Set<Int> = [200, 206, 304]

    enum Bytes: Sendable {
        case file(URL, length: Int)
        case data(Data)
    }

    let tag: EntityTag
    let lastModified: Date
    let mediaType: String
    /// Header fields besides those that this type sets.
    var fields: HTTPFields

    /// What can be said without the picture's bytes; nil when they are needed.
    /// - Throws: `Problem` (precondition_failed)
    func early(_ request: Request) throws -> Response? {
        var conditions = request.head.headerFields
        conditions[.range] = nil
        switch outcome(conditions, length: 1) {
        case .notModified: return notModified
        case .failed: throw failed
        case .whole, .part, .unsatisfiable: return nil
        }
    }

    /// - Throws: `Problem` (precondition_failed, range_not_satisfiable)
    func response(_ request: Request, _ bytes: Bytes) throws -> Response {
        var conditions = request.head.headerFields
        if request.head.method != .get { conditions[.range] = nil }  // section 14.2: a range is a matter of GET alone
        let length = bytes.length
        switch outcome(conditions, length: length) {
        case .notModified: return notModified
        case .failed: throw failed
        case .whole: return Response(status: .ok, fields: all, body: bytes.body(0..<length))
        case .part(let range):
            var fields = all
            fields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"
            return Response(status: .partialContent, fields: fields, body: bytes.body(range))
        case .unsatisfiable:
            var problem = Problem(.rangeNotSatisfiable, "the range begins behind the picture's \(length) bytes", limit: length)
            problem.fields[.contentRange] = "bytes */\(length)"
            throw problem
        }
    }

    private func outcome(_ conditions: HTTPFields, length: Int) -> Preconditions.Outcome {
        Preconditions.outcome(conditions, tag: tag, lastModified: seconds, length: length)
    }

    /// A date in a header field has whole seconds.
    private var seconds: Int { Int(lastModified.timeIntervalSince1970) }

    private var all: HTTPFields {
        var all = fields
        all[.contentType] = mediaType
        all[.eTag] = tag.text
        all[.lastModified] = HTTPDate.string(secondsSince1970: seconds)
        all[.acceptRanges] = "bytes"
        // The bytes under a tag never change; they are somebody's photograph.
        all[.cacheControl] = "private, max-age=3600, immutable"
        return all
    }

    /// Section 15.4.5: the fields that a 200 would have had, without those of the bytes.
    private var notModified: Response {
        var fields = all
        fields[.contentType] = nil
        return Response(status: .notModified, fields: fields)
    }

    private var failed: Problem {
        Problem(.preconditionFailed, "the picture's tag is \(tag.text), which the request's condition does not allow")
    }
}

extension PictureAnswer.Bytes {
    fileprivate var length: Int {
        switch self {
        case .file(_, let length): length
        case .data(let data): data.count
        }
    }

    fileprivate func body(_ range: Range<Int>) -> ResponseBody {
        switch self {
        case .file(let url, _): .file(url, offset: range.lowerBound, length: range.count)
        case .data(let data):
            .data(
                range.count == data.count ? data : data.subdata(in: data.startIndex + range.lowerBound..<data.startIndex + range.upperBound)
            )
        }
    }
}
