import Foundation
import Logging
import Synchronization
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct TextLogHandlerTests {
    private func lines(_ body: (inout Logger) -> Void) -> [String] {
        let lines = Lines()
        var logger = Logger(label: "test") { label in
            TextLogHandler(label: label, now: { 1_700_000_000 }) { line in
                lines.texts.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
        body(&logger)
        return lines.texts.withLock { $0 }
    }

    private final class Lines: Sendable { let texts = Mutex<[String]>([]) }

    @Test func aLineHasTimeLevelMetadataInOrderAndMessage() throws {
        let lines = lines { logger in
            logger[metadataKey: "job"] = "J1"
            logger[metadataKey: "b"] = "hidden"
            logger.warning("it ended", metadata: ["b": "2", "a": "1"])
        }
        let line = try #require(lines.first)
        #expect(lines.count == 1)
        #expect(line.hasSuffix(" warning test: a=1 b=2 job=J1 [ServerTests] it ended\n"), "\(line)")
        let time = try #require(line.split(separator: " ").first)
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "yyyy-MM-dd'T'HH:mm:ssZ"
        #expect(format.date(from: String(time)) == Date(timeIntervalSince1970: 1_700_000_000), "\(time)")
    }

    @Test func whatAClientSentCannotEndALine() {
        let lines = lines { $0.info("GET /a\nb\u{1B}[31m", metadata: ["remote": "x\r\ny"]) }
        #expect(lines.map { $0.hasSuffix(#" info test: remote=x\x0d\x0ay [ServerTests] GET /a\x0ab\x1b[31m"# + "\n") } == [true])
    }

    @Test func levelsBelowAreLeftOut() {
        #expect(lines { $0.debug("quiet") }.isEmpty)
    }
}
