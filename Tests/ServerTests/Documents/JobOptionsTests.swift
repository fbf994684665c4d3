import Foundation
import Storage
import Synchronization
import Testing
@testable import Server

/// Options of a form or a query.
@Suite(.timeLimit(.minutes(60))) struct JobOptionsTests {
    @Test func readsTheTimestep() throws {
        #expect(try JobOptions([]).timestep == nil)
        #expect(try JobOptions([("timestep", "auto")]).timestep == nil)
        #expect(try JobOptions([("timestep", "0")]).timestep == 0)
        #expect(try JobOptions([("timestep", "999"), ("other", "x")]).timestep == 999)
    }

    @Test(arguments: ["", "1000", "-1", "1.5", "Auto", "0x10", "٣", " 1"])
    func refusesOtherTexts(text: String) {
        #expect { _ = try JobOptions([("timestep", text)]) } throws: { ($0 as? Problem)?.type == .invalidParameter }
    }

    @Test func refusesTwoValues() {
        #expect { _ = try JobOptions([("timestep", "1"), ("timestep", "1")]) } throws: {
            ($0 as? Problem)?.type == .invalidParameter
        }
    }
}
