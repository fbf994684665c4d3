extension Range<Int> {
    func divided(by divisor: Int) -> Range<Int> { (lowerBound / divisor)..<(upperBound / divisor) }

    func moved(by offset: Int) -> Range<Int> { (lowerBound + offset)..<(upperBound + offset) }
}
