import ArgumentParser
import Foundation
import Server
import Storage

/// Fidediff key add|list|revoke|webhook-secret. Takes effect on a running service within a second.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make, list and revoke API keys, which `fidediff serve --require-keys` asks for.",
        subcommands: [Add.self, List.self, Revoke.self, MakeSecret.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it, once: only its SHA-256 is stored.")

        @Argument(help: "Whose key it is, for people.")
        var name: String

        @Flag(help: "The key may look at its jobs, but not submit or delete.")
        var readOnly = false

        @Option(help: ArgumentHelp("Requests a minute. Default: unlimited.", valueName: "n"))
        var requestsPerMinute: Int?

        @Option(help: ArgumentHelp("Pictures a UTC day. Default: unlimited.", valueName: "n"))
        var picturesPerDay: Int?

        @Flag(help: "Print one JSON object.")
        var json = false

        @OptionGroup var dataChoice: DataChoice

        func validate() throws {
            guard !name.trimmingCharacters(in: .whitespaces).isEmpty else {
                throw ValidationError("the name is empty; say whose key it is")
            }
            for (flag, value) in [("--requests-per-minute", requestsPerMinute), ("--pictures-per-day", picturesPerDay)] {
                if let value, value < 1 { throw ValidationError("\(flag) is \(value); use 1 or more") }
            }
        }

        func run() throws {
            let folder = try DataFolder(dataChoice.directory(), createsDatabase: true)
            let key = KeyText(), secret = WebhookSecret()
            let stored = key.stored(
                name: name, maySubmit: !readOnly, requestsPerMinute: requestsPerMinute, picturesPerDay: picturesPerDay,
                webhookSecret: secret)
            try folder.jobs.addKey(stored)
            if json { return print(try KeyRow(stored, key: key.text, webhookSecret: secret.text).line) }
            print(
                """
                id              \(stored.id)
                key             \(key.text)
                webhook secret  \(secret.text)
                The key is shown this once. Its owner sends it as `Authorization: Bearer KEY`; webhooks of its jobs are signed with the secret.
                """)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all keys, oldest first, revoked ones too.")

        @Flag(help: "Print one JSON object per key and line.")
        var json = false

        @OptionGroup var dataChoice: DataChoice

        func run() throws {
            for key in try DataFolder(dataChoice.directory()).jobs.keys() {
                let row = KeyRow(key)
                print(json ? try row.line : row.text)
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key worthless. Its jobs stay, and nobody sees them.")

        @Argument(help: "Id of the key, as `key list` shows it.")
        var id: String

        @OptionGroup var dataChoice: DataChoice

        func run() throws {
            guard try DataFolder(dataChoice.directory()).jobs.revokeKey(id: id) else {
                throw ValidationError("there is no key \(id) in force; see `fidediff key list`")
            }
            print("revoked \(id)")
        }
    }

    struct MakeSecret: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "webhook-secret", abstract: "Print a new secret for `fidediff serve --webhook-secret`. Nothing is stored.")

        func run() {
            print(WebhookSecret().text)
        }
    }
}

/// A key without its secrets, unless they are given.
private struct KeyRow: Encodable {
    let id: String
    let name: String
    let maySubmit: Bool
    let requestsPerMinute: Int?
    let picturesPerDay: Int?
    let createdAt: Date
    let revokedAt: Date?
    let key: String?
    let webhookSecret: String?

    private enum CodingKeys: String, CodingKey {
        case id, name, key
        case maySubmit = "may_submit"
        case requestsPerMinute = "requests_per_minute"
        case picturesPerDay = "pictures_per_day"
        case createdAt = "created_at"
        case revokedAt = "revoked_at"
        case webhookSecret = "webhook_secret"
    }

    init(_ stored: AccessKey, key: String? = nil, webhookSecret: String? = nil) {
        id = stored.id
        name = stored.name
        maySubmit = stored.maySubmit
        requestsPerMinute = stored.requestsPerMinute
        picturesPerDay = stored.picturesPerDay
        createdAt = stored.createdAt
        revokedAt = stored.revokedAt
        self.key = key
        self.webhookSecret = webhookSecret
    }

    var line: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .iso8601
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    var text: String {
        let limits = [requestsPerMinute.map { "\($0) requests a minute" }, picturesPerDay.map { "\($0) pictures a day" }].compactMap { $0 }
        let state = revokedAt.map { "revoked \($0.formatted(.iso8601))" } ?? (maySubmit ? "in force" : "in force, read only")
        return ([id, state, "made \(createdAt.formatted(.iso8601))"] + limits + [name]).joined(separator: "  ")
    }
}
