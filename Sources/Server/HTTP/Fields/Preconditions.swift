import HTTPTypes

/// RFC 9110 section 13: whether a GET or HEAD is to be answered, and with which bytes, given the representation's tag, date and length.
/// Pure.
enum Preconditions {
    enum Outcome: Equatable {
        case whole, part(Range<Int>)
        case notModified  // 304
        case failed  // 412
        case unsatisfiable  // 416
    }

    /// In the order of section 13.2.2.
    /// - Parameters:
    ///   - tag: strong.
    ///   - lastModified: seconds since 1970.
    static func outcome(_ fields: HTTPFields, tag: EntityTag, lastModified: Int, length: Int) -> Outcome {
        if let field = fields[.ifMatch] {
            switch EntityTag.condition(field) {
            case .any: break
            case .tags(let tags): if !tags.contains(where: tag.isStronglyEqual) { return .failed }
            case nil: return .failed
            }
        } else if let date = fields[.ifUnmodifiedSince].flatMap(HTTPDate.seconds), lastModified > date {
            return .failed
        }
        if let field = fields[.ifNoneMatch] {
            switch EntityTag.condition(field) {
            case .any: return .notModified
            case .tags(let tags): if tags.contains(where: tag.isWeaklyEqual) { return .notModified }
            case nil: break  // names no tag that could match
            }
        } else if let date = fields[.ifModifiedSince].flatMap(HTTPDate.seconds), lastModified <= date {
            return .notModified
        }
        guard let range = fields[.range], rangeApplies(fields, tag, lastModified) else { return .whole }
        return switch ByteRange(range, length: length) {
        case .whole: .whole
        case .part(let range): .part(range)
        case .unsatisfiable: .unsatisfiable
        }
    }

    /// Section 13.1.5: a range of another state would not fit what the client has.
    private static func rangeApplies(_ fields: HTTPFields, _ tag: EntityTag, _ lastModified: Int) -> Bool {
        guard let condition = fields[.ifRange] else { return true }
        if let wanted = EntityTag.single(condition) { return tag.isStronglyEqual(to: wanted) }
        return HTTPDate.seconds(condition) == lastModified
    }
}
