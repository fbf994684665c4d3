import Foundation
import Glibc
import Logging
import Testing
@testable import Server

/// A log that nobody reads stops nobody.
@Suite(.timeLimit(.minutes(60))) struct LogWriterTests {
    @Test(arguments: LogFormat.allCases) func aStalledReaderCostsLinesAndNoTime(format: LogFormat) throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let (reader, writer) = (ends[0], LogWriter(descriptor: ends[1], maxBytes: 100_000))
        let logger = Logger(label: "test") { format.handler(label: $0, to: writer) }
        // A pipe holds 64 KiB: these would block for ever.
        let count = 20_000
        for number in 0..<count { logger.info("line \(number) of the log") }
        #expect(writer.droppedLines > 0)

        var text = [UInt8](), buffer = [UInt8](repeating: 0, count: 64 << 10)
        func read() { text += buffer[..<max(0, Glibc.read(reader, &buffer, buffer.count))] }
        while !String(decoding: text, as: UTF8.self).contains("were dropped") { read() }
        logger.info("the end")
        while !String(decoding: text, as: UTF8.self).contains("the end") { read() }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        let kept = lines.filter { $0.contains(" of the log") }.compactMap { line in
            line.firstRange(of: /line \d+ of/).flatMap { Int(line[$0].split(separator: " ")[1]) }
        }
        #expect(kept == kept.sorted() && kept.first == 0)
        #expect(kept.count + writer.droppedLines == count)
        let report = try #require(lines.first { $0.contains("were dropped") })
        #expect(report.contains("\(writer.droppedLines)"), "\(report)")
        close(ends[0])
        writer.flush(seconds: 5)
    }
}
