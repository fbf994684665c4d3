import Commands
import Testing

/// auto, or 0 to 999.
@Suite(.timeLimit(.minutes(60))) struct TimestepChoiceTests {
    @Test(arguments: [("auto", Int?.none), ("0", 0), ("999", 999), ("042", 42)])
    func isRead(text: String, timestep: Int?) throws {
        #expect(try #require(TimestepChoice(argument: text)).timestep == timestep)
    }

    @Test(arguments: ["", "Auto", "-1", "1000", "4.5", "nan"])
    func anythingElseIsRefused(text: String) {
        #expect(TimestepChoice(argument: text) == nil)
    }

    @Test func theHelpShowsItsDefault() {
        #expect(TimestepChoice(timestep: nil).defaultValueDescription == "auto")
        #expect(TimestepChoice(timestep: 40).defaultValueDescription == "40")
    }
}
