import Commands
import Server
import Testing

/// The flags of `fidediff serve` and their help.
@Suite(.timeLimit(.minutes(60))) struct ServeOptionsTests {
    /// The help says the default that holds. One that is a rule and no value (`default: one a core`) has none to compare.
    @Test func theHelpStatesTheDefaultsThatHold() throws {
        let words = ServeOptions.helpMessage(columns: 400).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let spelt = [
            "67108864": "64 MiB", "268435456": "256 MiB", "1048576": "1 MiB", "4294967296": "4 GiB", "50000000": "50 million",
            "true": "yes",
            "false": "no", BlockList(AddressBlock.local).description: "loopback, private and link-local ones",
        ]
        var compared = 0
        for row in try ServeSettings(ServeOptions.parse([]), environment: [:]).layers.rows
        where row.value != "-" && !row.value.contains(" ") {
            if row.name == "webhook-retry-seconds" || row.name == "model" { continue }
            let value = spelt[row.value] ?? (row.value.hasSuffix(".0") ? String(row.value.dropLast(2)) : row.value)
            // A flag that can be turned off is written --reuse/--no-reuse.
            let place = words.range(of: "--\(row.name) ") ?? words.range(of: "--\(row.name)/")
            let help = words[try #require(place, "\(row.name)").upperBound...]
            let own = help.range(of: " --").map { help[..<$0.lowerBound] } ?? help
            #expect(own.contains("Default: \(value).") || own.contains("Default: \(value),"), "\(row.name): \(value) in \(own)")
            compared += 1
        }
        #expect(compared >= 15)
    }

    @Test func everyFlagIsNilUntilItIsGiven() throws {
        let options = try ServeOptions.parse([])
        #expect(options.host == nil && options.port == nil && options.reuse == nil && options.logLevel == nil && !options.printConfig)
        #expect(try ServeOptions.parse(["--no-reuse"]).reuse == false && ServeOptions.parse(["--reuse"]).reuse == true)
        #expect(try ServeOptions.parse(["--log-level", "trace"]).logLevel == .trace)
    }
}
