import Commands
import Testing

/// The flags of `fidediff serve` and their help.
@Suite(.timeLimit(.minutes(60))) struct ServeOptionsTests {
    /// The help says the default that holds. One that is a rule and no value (`default: one a core`) has none to compare.
    @Test func theHelpStatesTheDefaultsThatHold() throws {
        let words = ServeOptions.helpMessage(columns: 400).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let spelt = ["67108864": "64 MiB", "50000000": "50 million", "true": "yes", "false": "no"]
        var compared = 0
        for row in try ServeSettings(ServeOptions.parse([]), environment: [:]).layers.rows
        where row.value != "-" && !row.value.contains(" ") {
            if row.name == "webhook-retry-seconds" || row.name == "model" { continue }
            let value = spelt[row.value] ?? (row.value.hasSuffix(".0") ? String(row.value.dropLast(2)) : row.value)
            let help = try #require(words.range(of: "--\(row.name) ").map { words[$0.upperBound...] }, "\(row.name)")
            let own = help.range(of: " --").map { help[..<$0.lowerBound] } ?? help
            // Of --reuse/--no-reuse the second stands next to it.
            let text = own.contains("Default:") ? own : help.prefix(200)
            #expect(text.contains("Default: \(value).") || text.contains("Default: \(value),"), "\(row.name): \(value) in \(text)")
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
