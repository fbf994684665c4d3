import Foundation
import Testing
@testable import Server

/// How this service writes JSON.
@Suite(.timeLimit(.minutes(60))) struct JSONTests {
    @Test func membersAreSortedAndSlashesStay() throws {
        #expect(try String(decoding: JSON.encode(["b": "/x", "a": "é"]), as: UTF8.self) == #"{"a":"é","b":"/x"}"#)
    }

    @Test func whatIsNotFiniteIsAnEmptyObject() {
        #expect(JSON.encodeOrEmpty(["a": Double.nan]) == Data("{}".utf8) && JSON.encodeOrEmpty(["a": 1.5]) == Data(#"{"a":1.5}"#.utf8))
    }
}
