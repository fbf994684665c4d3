/// A `MotionGrid` drawn over its photograph: in the middle of each cell the footprint of its kernel, all at one scale, which follows from
/// the picture's own kernels; the more weight at a place, the less of the photograph shows through. Its colour says how far things moved,
/// whatever the scale; a dot, that nothing did. The photograph is darkened and paled, and reduced where it is large.
struct MotionDrawing {
    /// The longest side of the drawing in pixels.
    static let longestSide = 1600
    /// The scale is one of these: they can be read off by eye.
    static let scales: [Double] = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6]

    /// The share of the footprints, the shortest first, that are to be no longer than their cell is wide.
    private static let fitting = 0.9
    /// Pixels of the photograph: a picture where nothing moved further is not blown up as if it had.
    private static let leastFitted = 12.0
    /// Pixels of the photograph: shorter extents are dots. Kernels have taps 1 or 2 pixels apart.
    private static let leastExtent = 2.0
    /// The share of white's light that is taken away below the drawing.
    private static let dimmed: Float = 0.58
    private static let paled: Float = 0.4

    /// 8 bits, RGB, with the photograph's colour profile and without Exif.
    let picture: Photograph
    /// How many times longer a motion is drawn than it is in the photograph below.
    let scale: Double

    init(_ grid: MotionGrid, over photograph: Photograph) {
        let base = Self.reduced(photograph)
        let width = base.width, height = base.height
        var canvas = Canvas(planes: Self.ground(base), width: width, height: height)

        let footprints = grid.kernels.map { MotionFootprint(kernel: $0, taps: grid.taps) }
        let extents = footprints.map { $0.extent * Double(grid.tapSpacing) }  // pixels of the photograph
        let reduction = Double(width) / Double(photograph.width)
        let side = min(Double(width) / Double(grid.columns), Double(height) / Double(grid.rows))
        scale = Self.scale(for: extents, cell: side / reduction)
        let thickness = min(max(side / 32, 1), 3)
        for (index, footprint) in footprints.enumerated() {
            let (column, row) = (index % grid.columns, index / grid.columns)
            let cell = Canvas.Box(
                x: column * width / grid.columns..<(column + 1) * width / grid.columns,
                y: row * height / grid.rows..<(row + 1) * height / grid.rows)
            let colour = MotionColour.of(extent: extents[index])
            if extents[index] < Self.leastExtent {
                canvas.dot(in: cell, radius: 1.5 * thickness, colour: colour)
            } else {
                canvas.draw(footprint, in: cell, tap: Double(grid.tapSpacing) * reduction * scale, thickness: thickness, colour: colour)
            }
        }
        MotionCaption(pixel: reduction * scale, scale: scale, cell: side).draw(on: &canvas)
        var result = Photograph(
            width: width, height: height, isGray: false, format: .png, samples: .eight([UInt8](repeating: 0, count: 3 * width * height)),
            metadata: PhotographMetadata(icc: photograph.metadata.icc))
        result.setPlanes(canvas.planes, x: 0, y: 0, width: width, height: height)
        picture = result
    }

    /// - Parameters:
    ///   - extents: pixels of the photograph
    ///   - cell: its side, in the same
    static func scale(for extents: [Double], cell: Double) -> Double {
        let sorted = extents.sorted()
        let common = sorted.isEmpty ? 0 : sorted[min(Int(fitting * Double(sorted.count)), sorted.count - 1)]
        let fit = cell / max(common, leastFitted)
        return scales.last { $0 <= fit } ?? scales[0]
    }

    /// Paler, and the darker the lighter it was: nothing of the photograph is as light as the drawing, and its shadows can still be seen.
    private static func ground(_ base: Photograph) -> [Float] {
        var planes = base.planes(x: 0, y: 0, width: base.width, height: base.height)  // [3, height, width]
        let count = base.width * base.height
        for index in 0..<count {
            let (red, green, blue) = (planes[index], planes[count + index], planes[2 * count + index])
            let gray = (red + green + blue) / 3, light = 1 - dimmed * gray
            planes[index] = light * (red + (gray - red) * paled)
            planes[count + index] = light * (green + (gray - green) * paled)
            planes[2 * count + index] = light * (blue + (gray - blue) * paled)
        }
        return planes
    }

    private static func reduced(_ photograph: Photograph) -> Photograph {
        let longest = max(photograph.width, photograph.height)
        guard longest > longestSide else { return photograph }
        return photograph.reduced(toWidth: photograph.width * longestSide / longest)
    }
}
