import Foundation
import Testing

@testable import Engine

@Suite(.timeLimit(.minutes(60))) struct OrientationTests {
    /// A letter F lying as a camera would store it under each orientation (Exif 2.32, 4.6.4 A: where the stored row 0 and column 0 are).
    private static let stored: [Int: [String]] = [
        1: ["###", "#..", "##.", "#.."],
        2: ["###", "..#", ".##", "..#"],
        3: ["..#", ".##", "..#", "###"],
        4: ["#..", "##.", "#..", "###"],
        5: ["####", "#.#.", "#..."],
        6: ["#...", "#.#.", "####"],
        7: ["...#", ".#.#", "####"],
        8: ["####", ".#.#", "...#"],
    ]

    @Test(arguments: 1...8) func storedRowsBecomeUpright(value: Int) throws {
        let orientation = try #require(Orientation(rawValue: value))
        let rows = try #require(Self.stored[value]).map(Array.init)
        let width = rows[0].count, height = rows.count
        let size = orientation.uprightSize(width: width, height: height)
        #expect(size == (3, 4))
        var upright = [Character](repeating: "?", count: 12)
        for (y, row) in rows.enumerated() {
            let (start, step) = orientation.placement(ofRow: y, width: width, height: height)
            for (x, pixel) in row.enumerated() { upright[start + x * step] = pixel }
        }
        #expect(String(upright) == "####..##.#..")
    }
}
