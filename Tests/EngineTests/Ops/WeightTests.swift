import Testing
@testable import Engine

/// A matrix in memory or in its file.
@Suite(.timeLimit(.minutes(60))) struct WeightTests {
    /// Any part of it is the same, wherever it lies and however it is stored.
    @Test func partsAreTheSameFromDiskAndMemory() throws {
        let values = (0..<24).map { Float($0) / 4 - 3 }  // exact in half precision
        var builder = SafetensorsBuilder()
        builder.add("w", [4, 6], floats: values)
        let file = try SafetensorsFile(builder.data, name: "f"), entry = try #require(file.entries["w"])
        let memory = Weight(Tensor(shape: [4, 6], values: values)), disk = Weight(entry, of: file, shape: [4, 3, 2])
        #expect(disk.shape == [4, 3, 2] && disk.count == 24 && disk.tensor.values == values)
        for rows in [0..<4, 1..<3, 3..<4] {
            for columns in [0..<6, 2..<5, 5..<6] {
                let expected = rows.flatMap { row in columns.map { values[row * 6 + $0] } }
                for weight in [memory, disk] {
                    let read = weight.read(rows: rows, columns: columns) { first, distance in
                        rows.indices.flatMap { row in
                            columns.indices.map { first[(row - rows.lowerBound) * distance + $0 - columns.lowerBound] }
                        }
                    }
                    #expect(read == expected, "\(rows) \(columns)")
                }
            }
        }
        disk.forget()
        #expect(disk.tensor.values == values, "what is forgotten is read again")
    }
}
