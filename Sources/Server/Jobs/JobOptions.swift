// JobOptions.swift: what a client may ask of a job, from the query or from the fields of a form.

/// One parser for both places, so that they accept the same.
struct JobOptions: Sendable, Equatable {
    static let names = ["timestep", "webhook"]
    static let timesteps = 0...999

    /// Blur level t to assume, 0...999; nil = T's own prediction.
    var timestep: Int?

    /// Where to post how the job ended.
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
        if let text = values.first(where: { $0.name == "timestep" })?.value, text != "auto" {
            guard let timestep = Int(text), Self.timesteps.contains(timestep) else {
                throw Problem.parameter(
                    "timestep", "is '\(text.prefix(40))'", "use auto or a whole number from 0 to 999",
                    limit: Self.timesteps.upperBound, measured: Int(text))
            }
            self.timestep = timestep
        }
        if let text = values.first(where: { $0.name == "webhook" })?.value {
            do {
                webhook = try WebhookTarget(text)
            } catch let error as WebhookTarget.Invalid {
                throw Problem.parameter("webhook", error.reason, "give the address to post to, for instance https://example.org/hook")
            }
        }
    }
}
