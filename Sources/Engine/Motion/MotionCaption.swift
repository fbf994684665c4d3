/// In the lower left corner of a drawing: a bar as long as a motion of so many pixels is drawn, that number, and the scale; as on a map.
/// Left out where the picture is too small for it.
struct MotionCaption {
    /// Pixels of the drawing for one that something moved in the photograph.
    let pixel: Double
    let scale: Double
    /// The side of a drawn cell, in pixels of the drawing.
    let cell: Double

    private static let lengths = [1, 2, 5, 10, 20, 50, 100, 200]
    private static let light = SIMD3<Float>(1, 1, 1), dark = SIMD3<Float>(0, 0, 0)
    /// The shares of the drawing's width and height that the caption may take.
    private static let mostWidth = 0.5, mostHeight = 0.15

    /// Pixels of motion that the bar stands for: the most that is no longer than a cell.
    var length: Int { Self.lengths.last { Double($0) * pixel <= cell } ?? Self.lengths[0] }

    /// What is written into the corner, for instance `10px ×1.5`.
    var text: String { "\(length)px ×\(Self.text(scale))" }

    /// A number without a fraction that says nothing: `2` for 2.0.
    static func text(_ scale: Double) -> String {
        Int(exactly: scale).map(String.init) ?? "\(scale)"
    }

    func draw(on canvas: inout Canvas) {
        let dot = max(min(canvas.width, canvas.height) / 400, 1)  // pixels for one of a glyph
        let bar = max(Int((Double(length) * pixel).rounded()), 1), gap = 4 * dot
        let box = (width: gap + bar + gap + text.count * 6 * dot - dot + gap, height: gap + 7 * dot + gap)
        guard Double(box.width) <= Self.mostWidth * Double(canvas.width), Double(box.height) <= Self.mostHeight * Double(canvas.height)
        else { return }
        let top = canvas.height - box.height
        canvas.fill(.init(x: 0..<box.width, y: top..<canvas.height), Self.dark, cover: 0.8)

        let left = gap, middle = top + box.height / 2
        canvas.fill(.init(x: left..<left + bar, y: middle..<middle + dot), Self.light)
        for end in [left, left + bar - dot] {
            canvas.fill(.init(x: max(end, left)..<end + dot, y: middle - 2 * dot..<middle + 3 * dot), Self.light)
        }
        for (index, character) in text.enumerated() {
            let x = left + bar + gap + index * 6 * dot
            for (row, bits) in (Self.glyphs[character] ?? []).enumerated() {
                for column in 0..<5 where bits >> (4 - column) & 1 == 1 {
                    let (x, y) = (x + column * dot, top + gap + row * dot)
                    canvas.fill(.init(x: x..<x + dot, y: y..<y + dot), Self.light)
                }
            }
        }
    }

    /// 5 x 7, a row a byte; the highest of five bits is left.
    private static let glyphs: [Character: [UInt8]] = [
        "0": [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
        "1": [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        "2": [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
        "3": [0b11111, 0b00010, 0b00100, 0b00010, 0b00001, 0b10001, 0b01110],
        "4": [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
        "5": [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
        "6": [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
        "7": [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
        "8": [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
        "9": [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
        ".": [0, 0, 0, 0, 0, 0b01100, 0b01100],
        "p": [0, 0, 0b11110, 0b10001, 0b11110, 0b10000, 0b10000],
        "x": [0, 0, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001],
        "×": [0, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001, 0],
        " ": [],
    ]
}
