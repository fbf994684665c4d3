import Foundation
import Testing
@testable import Engine

/// Integers of a file, never read past its end.
@Suite(.timeLimit(.minutes(60))) struct ByteViewTests {
    private let bytes = Data([0xAA, 0x01, 0x02, 0x03, 0x04, 0xFF])

    /// Counted from 0, whatever part of a file it is.
    @Test func bothOrdersAreRead() {
        let big = ByteView(bytes.dropFirst()), little = ByteView(bytes.dropFirst(), order: .littleEndian)
        #expect(big.count == 5 && big.u8(at: 0) == 1 && big.u16(at: 1) == 0x0203 && big.u32(at: 0) == 0x0102_0304)
        #expect(little.u16(at: 1) == 0x0302 && little.u32(at: 0) == 0x0403_0201 && big.u32(at: 1) == 0x0203_04FF)
    }

    @Test(arguments: [-1, 3, 4, 6, Int.max, Int.min]) func pastTheEndIsNothing(offset: Int) {
        #expect(ByteView(bytes).u32(at: offset) == nil)
        #expect(offset < 0 || offset > 6 ? ByteView(bytes).bytes(at: offset, count: 0) == nil : true)
    }

    @Test func partsAndPrefixesStayInside() {
        let view = ByteView(bytes)
        #expect(view.bytes(at: 6, count: 0)?.isEmpty == true && view.bytes(at: 2, count: 5) == nil && view.bytes(at: 2, count: -1) == nil)
        #expect(view.bytes(at: 2, count: .max) == nil)
        #expect(view.starts(with: [2, 3], at: 2) && !view.starts(with: [4, 0xFF, 0], at: 4))
        #expect(
            view.firstOffset(of: 0xFF, from: 1) == 5 && view.firstOffset(of: 0xAA, from: 1) == nil
                && view.firstOffset(of: 0, from: 9) == nil)
    }
}
