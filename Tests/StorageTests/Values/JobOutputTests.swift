import Testing
@testable import Storage

/// An output as another job shares it.
@Suite(.timeLimit(.minutes(60))) struct JobOutputTests {
    private func job(_ output: JobOutput?) throws -> Job {
        let store = try TemporaryFolder().jobs()
        let id = try #require(try store.claimSample()).id
        return try output.map { try store.finish(id: id, $0) } ?? #require(try store.job(id: id))
    }

    @Test func aTwinSaysWhereItsFiguresComeFrom() throws {
        let output = JobOutput(format: "png", bytes: 5, hash: "ab", isUnchanged: true, reblurPSNR: 40, modelHash: "m", version: "1")
        let job = try job(output)
        var expected = output
        expected.reusedFrom = job.id
        #expect(job.outputForTwin(isLinked: false) == expected && job.outputFile == job.id)
        expected.file = job.id
        #expect(job.outputForTwin(isLinked: true) == expected)
    }

    /// A link to a link says whose file it first was.
    @Test func linksLeadToTheFirstFile() throws {
        let job = try job(JobOutput(format: "png", bytes: 5, reusedFrom: "J0", file: "J0"))
        #expect(job.outputFile == "J0" && job.outputForTwin(isLinked: true)?.file == "J0")
        #expect(job.outputForTwin(isLinked: true)?.reusedFrom == job.id)
    }

    @Test func withoutAnOutputThereIsNothingToShare() throws {
        #expect(try job(nil).outputForTwin(isLinked: true) == nil)
    }
}
