import Engine
import Foundation

/// What a client may ask of a job, from the query or from the fields of a form.
///
/// One parser for both places, so that they accept the same.
struct JobOptions: Sendable, Equatable {
    static let names = ["timestep", "strength", "metadata", "preview", "format", "quality", "webhook"]
    static let timesteps = 0...999
    static let qualities = 1...100
    static let defaultQuality = 95

    /// Blur level t to assume, 0...999; nil = T's own prediction.
    var timestep: Int?
    /// How much of the change is made, 0...1.
    var strength = 1.0
    var metadata = MetadataPolicy.keep
    /// The picture is reduced to this width first; nil = not.
    var preview: Int?
    /// The format of the result; nil = the photograph's.
    var format: ImageFormat?
    /// The quality of the result if it is a JPEG; nil = the default.
    var quality: Int?
    /// The webhook that is told how the job ended.
    var webhook: WebhookTarget?

    init(timestep: Int? = nil, webhook: WebhookTarget? = nil) {
        self.timestep = timestep
        self.webhook = webhook
    }

    /// - Parameter values: names of `JobOptions.names` and their texts.
    /// - Throws: `Problem` (invalid_parameter) for a name given twice or a value out of range.
    init(_ values: [(name: String, value: String)]) throws {
        for name in Self.names {
            let given = values.filter { $0.name == name }
            guard given.count <= 1 else { throw Problem.parameter(name, "is given \(given.count) times", "give it once") }
        }
        func text(_ name: String) -> String? { values.first { $0.name == name }?.value }

        if let text = text("timestep"), text != "auto" {
            timestep = try Self.number("timestep", text, Self.timesteps, "use auto or a whole number from 0 to 999")
        }
        preview = try text("preview").map { try Self.number("preview", $0, DeblurOptions.previewWidths) }
        strength = try text("strength").map(Self.strength) ?? 1
        if let text = text("metadata") { metadata = try Self.choice("metadata", text) }
        (format, quality) = try Self.encoding(text("format"), text("quality"))
        webhook = try text("webhook").map(Self.webhook)
    }

    /// The two options that a stored result can be asked for as well.
    static func encoding(_ format: String?, _ quality: String?) throws -> (format: ImageFormat?, quality: Int?) {
        (try format.map { try choice("format", $0) }, try quality.map { try number("quality", $0, qualities) })
    }

    private static func number(_ name: String, _ text: String, _ range: ClosedRange<Int>, _ whatToDo: String? = nil) throws -> Int {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text), range.contains(value) else {
            let measured = Int(text)
            throw Problem.parameter(
                name, "is '\(text.prefix(40))'", whatToDo ?? "use a whole number from \(range.lowerBound) to \(range.upperBound)",
                limit: measured.map { $0 < range.lowerBound ? range.lowerBound : range.upperBound } ?? range.upperBound, measured: measured)
        }
        return value
    }

    /// A number as RFC 8259 writes it, or without its leading 0: what every language writes, and nothing like nan or 0x1p0.
    private static func strength(_ text: String) throws -> Double {
        let form = /([0-9]{1,3}(\.[0-9]{1,64})?|\.[0-9]{1,64})([eE][+\-]?[0-9]{1,3})?/
        guard text.wholeMatch(of: form) != nil, let value = Double(text), value <= 1 else {
            throw Problem.parameter(
                "strength", "is '\(text.prefix(40))'", "use a number from 0, the picture as it is, to 1, all of the change", limit: 1,
                measured: Int(text))
        }
        return value
    }

    private static func webhook(_ text: String) throws -> WebhookTarget {
        do {
            return try WebhookTarget(text)
        } catch let error as WebhookTarget.Invalid {
            throw Problem.parameter("webhook", error.reason, "give the address to post to, for instance https://example.org/hook")
        }
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, _ text: String) throws -> Choice
    where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text) else {
            throw Problem.parameter(
                name, "is '\(text.prefix(40))'", "use one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }
}

extension JobOptions {
    /// These options as the engine takes them.
    var deblurOptions: DeblurOptions {
        DeblurOptions(
            timestep: timestep, format: format, quality: quality ?? Self.defaultQuality, strength: strength, metadata: metadata,
            previewWidth: preview)
    }
}

/// `Job.options`, and `options` of a job in JSON: what the output depends on, but for the timestep, which has a column of its own. The
/// webhook is in `Job.context`. What is not there has its default.
extension JobOptions: Decodable, JSONWritable {
    private static let decoded = DecodedTexts<JobOptions>()

    private enum CodingKeys: String, CodingKey {
        case strength, metadata, preview, format, quality
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        strength = try members.decodeIfPresent(Double.self, forKey: .strength) ?? 1
        metadata = try members.decodeIfPresent(MetadataPolicy.self, forKey: .metadata) ?? .keep
        preview = try members.decodeIfPresent(Int.self, forKey: .preview)
        format = try members.decodeIfPresent(ImageFormat.self, forKey: .format)
        quality = try members.decodeIfPresent(Int.self, forKey: .quality)
    }

    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.member("format", format?.rawValue)
            json.member("metadata", metadata.rawValue)
            json.member("preview", preview)
            json.member("quality", quality)
            json.member("strength", strength)
        }
    }

    /// As stored with a job, by this version or an earlier one.
    /// - Throws: `Problem` (internal_error) when the text is of a newer version, whose options this one would not follow.
    init(stored text: String, timestep: Int?) throws {
        do {
            self = try Self.decoded.value(of: text)
        } catch {
            throw Problem(.internalError, "the options of the job cannot be read")
        }
        self.timestep = timestep
    }

    /// One text for equal options; keys of contents are made of it, so it never changes.
    var stored: String { String(decoding: JSON.bytes(self), as: UTF8.self) }
}
