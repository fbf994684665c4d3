import Foundation
import Logging
import Synchronization
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct JSONLogHandlerTests {
    @Test func aLineIsOneObjectWithTypedMembers() throws {
        let log = LogLines()
        var logger = log.logger
        logger[metadataKey: "job"] = "J1"
        logger.warning("say \"it\"\n\u{1}\\é😀", metadata: ["status": "503", "seconds": "0.25", "request": "12", "message": "mine"])
        #expect(
            try log.all == [
                .object([
                    "time": .string("2023-11-14T22:13:20.250Z"), "level": .string("warning"), "message": .string("say \"it\"\n\u{1}\\é😀"),
                    "job": .string("J1"), "status": .integer(503), "seconds": .number(0.25), "request": .string("12"),
                    "metadata_message": .string("mine"),
                ])
            ])
    }

    @Test func numbersThatAreNoneStayTexts() throws {
        let log = LogLines()
        log.logger.info("m", metadata: ["timestep": "-", "seconds": "inf"])
        #expect(try log.all[0]["timestep"] == .string("-"))
        #expect(try log.all[0]["seconds"] == .string("inf"))
    }

    @Test func levelsBelowAreLeftOut() throws {
        let log = LogLines()
        log.logger.debug("quiet")
        #expect(try log.all.isEmpty)
    }
}
