import Commands
import Testing

/// Pauses such as 5,300,1800.
@Suite(.timeLimit(.minutes(60))) struct SecondsListTests {
    @Test(arguments: [("5", [5.0]), ("0", [0]), ("5,300, 1800", [5, 300, 1800]), ("0.5,1e2", [0.5, 100])])
    func isReadAndWritten(text: String, values: [Double]) {
        #expect(SecondsList(argument: text)?.values == values)
        #expect(SecondsList(argument: SecondsList(values).description)?.values == values)
    }

    @Test func wholeSecondsAreWrittenWhole() {
        #expect(SecondsList([5, 0.25, 86_400]).description == "5,0.25,86400")
    }

    @Test(arguments: ["", ",", "5,", "5,,6", "-1", "5,-0.1", "inf", "nan", "5;6", "five"])
    func anythingElseIsRefused(text: String) {
        #expect(SecondsList(argument: text) == nil)
    }
}
