import Foundation
import Testing
@testable import Engine

/// The cells of a drawing.
@Suite(.timeLimit(.minutes(60))) struct MotionGridTests {
    @Test(arguments: [
        (16, 1280, 720, 16, 9), (16, 720, 1280, 9, 16), (8, 100, 100, 8, 8), (24, 5000, 16, 24, 1), (16, 16, 16, 4, 4),
    ])
    func gridsHaveSquareCells(across: Int, width: Int, height: Int, columns: Int, rows: Int) {
        let size = MotionGrid.size(across: across, width: width, height: height, positions: (width / 4, height / 4))
        #expect(size == (columns, rows))
    }
}
