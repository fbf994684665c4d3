import ArgumentParser
import Commands
import Foundation
import Server
import Storage

/// `fidediff key add`, `list`, `revoke` and `webhook-secret`. Takes effect on a running service within a second.
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
            if json { return print(try KeyReport(stored, key: key.text, webhookSecret: secret.text).line) }
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
                let row = KeyReport(key)
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
