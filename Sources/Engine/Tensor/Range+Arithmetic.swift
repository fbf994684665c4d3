/// Ranges of rows and columns between grids of different steps.
extension Range<Int> {
    func divided(by divisor: Int) -> Range<Int> { (lowerBound / divisor)..<(upperBound / divisor) }

    func moved(by offset: Int) -> Range<Int> { (lowerBound + offset)..<(upperBound + offset) }

    /// Ranges of so many elements one after the other, the last one maybe of fewer.
    func pieces(of count: Int) -> [Range<Int>] {
        stride(from: lowerBound, to: upperBound, by: count).map { $0..<Swift.min($0 + count, upperBound) }
    }
}
