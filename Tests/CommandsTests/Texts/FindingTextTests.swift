import Commands
import Server
import Testing

/// What `fidediff check` prints of a finding.
@Suite(.timeLimit(.minutes(60))) struct FindingTextTests {
    @Test func aPersonReadsWhatWasDone() throws {
        let open = DataFinding(.orphanFile, "a1.input", "no job has it")
        #expect(try FindingText.line(open, json: false) == "orphan_file  a1.input  no job has it")
        let repaired = DataFinding(.orphanFile, "a1.input", "no job has it", repair: "removed")
        #expect(try FindingText.line(repaired, json: false) == "orphan_file  a1.input  no job has it  -> removed")
    }

    @Test func aProgramReadsOneObject() throws {
        let finding = DataFinding(.missingOutput, "01", "pictures/01.output is \"gone\"", repair: "queued again")
        #expect(
            try FindingText.line(finding, json: true)
                == #"{"detail":"pictures/01.output is \"gone\"","kind":"missing_output","repair":"queued again","subject":"01"}"#)
    }
}
