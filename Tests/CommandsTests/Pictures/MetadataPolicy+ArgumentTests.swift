import Commands
import Engine
import Testing

/// What is kept of a picture's metadata, as a flag.
@Suite(.timeLimit(.minutes(60))) struct MetadataPolicyArgumentTests {
    @Test(arguments: [("keep", MetadataPolicy.keep), ("strip", .strip), ("strip-gps", .stripGPS), ("none", nil), ("Keep", nil), ("", nil)])
    func isSpeltAsInTheInterface(text: String, policy: MetadataPolicy?) {
        #expect(MetadataPolicy(argument: text) == policy)
    }
}
