import Foundation

/// The engine: a model loaded from a folder, which deblurs photographs and tells how blurred they are.
///
/// Calls may come from several threads at once; the model is never changed. They share the processor: each call uses up to `threads` cores.
public final class Deblurrer: Sendable {
    /// The name that the model's configuration gives it.
    public let modelName: String
    /// 16 hexadecimal digits that change with the configuration and with every byte of the weights.
    public let modelHash: String

    /// Orientations in which each picture is restored and averaged; time grows with them.
    public var views: Int { restoration.network.config.views }

    /// The values that `views` may have.
    public static let viewCounts = View.counts

    private let restoration: Restoration
    private let maxPixels: Int
    /// Bytes that one picture may take, beside the program and the weights.
    private let pictureMemory: Int

    /// - Parameters:
    ///   - modelDirectory: holds `config.json` and the files it names
    ///   - views: of `viewCounts`: in how many orientations a picture is restored and averaged, instead of the configuration's
    ///   - threads: cores that one operation uses; nil: all. The last value set holds for the whole process.
    ///   - maxPixels: pictures with more are refused
    ///   - memory: bytes that the process may take; nil: what the machine or the process's control group has
    ///   - holdWeights: whether large files of U's and C's weights are held in memory, or each layer reads its own from disk; nil: held
    ///     where they take at most half of the memory
    ///   - pictures: worked on at the same time, which share the memory beside the weights
    /// - Throws: `ModelError` that names the file, the tensor and both shapes of everything that is wrong, or the memory that the weights
    ///   need
    public init(
        modelDirectory: URL, views: Int? = nil, threads: Int? = nil, maxPixels: Int = 50_000_000, memory: Int? = nil,
        holdWeights: Bool? = nil, pictures: Int = 1
    ) throws {
        Parallel.threads = threads ?? 0
        Heap.keepFreedMemory()
        var folder = try ModelFolder(at: modelDirectory, views: views)
        let memory = memory ?? MachineMemory.bytes, weights = MemoryPlan.Weights(of: folder, held: holdWeights, memory: memory)
        let taken = MemoryPlan.program + weights.bytes
        guard taken < memory else { throw ModelError.tooMuchMemory(limit: memory, needed: taken) }
        pictureMemory = (memory - taken) / pictures
        if weights.areHeld { folder = try folder.holding(folder.heldParts) }
        restoration = Restoration(network: try folder.load())
        modelName = folder.config.name
        modelHash = folder.fingerprint
        self.maxPixels = maxPixels
    }

    /// - Throws: `ImageError.tooMuchMemory` for a picture that does not fit with these options
    public func requireMemory(for info: ImageInfo, options: DeblurOptions) throws {
        let samples = (info.isGray ? 1 : 3) + (info.hasAlpha ? 1 : 0), size = options.outputSize(width: info.width, height: info.height)
        let needed = MemoryPlan(
            restoration.network, width: size.width, height: size.height, decodedPixels: info.width * info.height,
            bytesPerPixel: samples * (info.bitDepth > 8 ? 2 : 1)
        ).picture
        guard needed <= pictureMemory else {
            throw ImageError.tooMuchMemory(limit: pictureMemory, needed: needed, width: info.width, height: info.height)
        }
    }

    /// - Returns: the photograph upright and without colours that nobody sees, and whether its file had it upright
    private func decode(_ data: Data, for options: DeblurOptions = DeblurOptions()) throws -> (photograph: Photograph, isUpright: Bool) {
        let header = try PictureHeader.parse(data)
        try header.info.requireSize(maxPixels: maxPixels)
        try requireMemory(for: header.info, options: options)
        var photograph = try PhotographDecoder.decode(data, header)
        photograph.fillHidden()
        return (photograph, header.orientation == .up)
    }

    /// How blurred a JPEG or PNG is, as `deblur` would say. By M and T, and where these may be mistaken about a sharp picture, by U, which
    /// takes as long as `deblur`.
    /// - Throws: `ImageError`, `DeblurError.numericalFault`
    public func blurLevel(of data: Data) throws -> BlurLevel {
        defer { Heap.giveBack() }
        return BlurLevel(timestep: try restoration.timestep(of: decode(data).photograph))
    }

    /// A photograph in which the network finds no motion comes back as it is where the options ask for nothing else: byte for byte, or with
    /// its compressed pixels as they are where metadata must go. A JPEG that its Exif turns stays turned by it; a PNG is written upright, which
    /// costs it nothing, and many viewers would not turn it. A timestep among the options is followed all the same. At strength 0 the network
    /// is not asked.
    /// - Parameters:
    ///   - data: a JPEG or PNG of at least 16 x 16 pixels
    ///   - onTimestep: told the network's timestep as soon as it is known
    ///   - onProgress: told the finished fraction, up to 1, after every stage of every tile; what it throws stops the work and is passed on
    /// - Throws: `ImageError`, `DeblurError.numericalFault`, and what `onProgress` throws
    public func deblur(
        _ data: Data, options: DeblurOptions = DeblurOptions(), onTimestep: (Int) -> Void = { _ in },
        onProgress: (Double) throws -> Void = { _ in }
    ) throws -> DeblurredPicture {
        defer { Heap.giveBack() }
        let clock = ContinuousClock()
        let start = clock.now
        try options.requireWritable(PictureHeader.parse(data).info)
        let file = try decode(data, for: options)
        var photograph = file.photograph
        if let width = options.previewWidth { photograph = photograph.reduced(toWidth: width) }
        let decoded = clock.now
        // Of the change nothing is asked for: the network has nothing to do.
        let result = options.strength > 0 ? try restore(photograph, options, onTimestep: onTimestep, onProgress: onProgress) : nil
        if result == nil { try onProgress(1) }
        let restored = clock.now
        let format = options.format ?? photograph.format
        var output = result?.photograph ?? photograph
        if result?.isUnchanged == false, photograph.isNeutral { output.neutralise() }
        if options.strength < 1, result != nil { output.blend(with: photograph, strength: options.strength) }
        let reblurPSNR = result?.reblur.psnr(output, explains: photograph)
        let isUnchanged = result?.isUnchanged ?? true
        if !isUnchanged { output.metadata = output.metadata.withoutThumbnails() }
        output.metadata = output.metadata.applying(options.metadata)
        // The file as it came, but for what must go of it.
        let isSameFile =
            isUnchanged && (file.isUpright || format == .jpeg) && format == photograph.format && options.previewWidth == nil
        let own = isSameFile ? MetadataCut.apply(options.metadata, to: data, format) : nil
        let encoded = try own ?? PhotographEncoder.encode(output, as: format, quality: options.quality)
        let end = clock.now
        return DeblurredPicture(
            data: encoded, format: format, width: photograph.width, height: photograph.height,
            predictedTimestep: result?.predictedTimestep, usedTimestep: result?.usedTimestep, isUnchanged: isUnchanged,
            reblurPSNR: reblurPSNR,
            seconds: StageSeconds(
                decode: (decoded - start).seconds, kernels: result?.kernelSeconds ?? 0, diffusion: result?.diffusionSeconds ?? 0,
                encode: (end - restored).seconds, total: (end - start).seconds))
    }

    private func restore(
        _ photograph: Photograph, _ options: DeblurOptions, onTimestep: (Int) -> Void, onProgress: (Double) throws -> Void
    ) throws -> Restoration.Result {
        let timestep = options.timestep.map { min(max($0, 0), NoiseSchedule.steps - 1) }
        return try withoutActuallyEscaping(onProgress) {
            try restoration.restore(photograph, timestep: timestep, onTimestep: onTimestep, onProgress: $0)
        }
    }

    /// What `motionPicture` takes for `across`.
    public static var motionPlaces: ClosedRange<Int> { MotionGrid.acrossRange }
    /// The number of places along the longer side of a motion picture where nobody says another.
    public static let defaultMotionPlaces = 16

    /// The motion that M sees, drawn over the photograph, which is no wider or higher than `MotionDrawing.longestSide`.
    /// - Parameter across: places that show the motion, along the longer side; of `motionPlaces`, else the nearest
    /// - Throws: `ImageError`, `DeblurError.numericalFault`
    public func motionPicture(of data: Data, across: Int = defaultMotionPlaces) throws -> MotionPicture {
        defer { Heap.giveBack() }
        let photograph = try decode(data).photograph
        let drawing = MotionDrawing(try restoration.motionGrid(of: photograph, across: across), over: photograph)
        return MotionPicture(data: try PhotographEncoder.encode(drawing.picture, as: .png), scale: drawing.scale)
    }

    /// A picture written anew in a format: with its colour profile and Exif, turned upright.
    /// - Parameters:
    ///   - data: a JPEG or PNG of at least 16 x 16 pixels, of any size
    ///   - quality: of a JPEG, 1...100
    /// - Throws: `ImageError`
    public static func encode(_ data: Data, as format: ImageFormat, quality: Int) throws -> Data {
        try PhotographEncoder.encode(PhotographDecoder.decode(data, maxPixels: .max), as: format, quality: quality)
    }

    /// Two pictures of one size in one, with a white gap between, to look at: 8 bits, in colour, without transparency. Side by side, or one
    /// above the other where a JPEG cannot be as wide.
    /// - Parameters:
    ///   - left: a JPEG or PNG, whose colour profile and Exif the joined picture has
    ///   - right: of the same width and height, upright
    ///   - maxPixels: pictures with more are refused
    ///   - quality: of a JPEG, 1...100
    /// - Throws: `ImageError`
    public static func sideBySide(_ left: Data, _ right: Data, maxPixels: Int, as format: ImageFormat, quality: Int) throws -> Data {
        let joined = try SideBySide.join(
            PhotographDecoder.decode(left, maxPixels: maxPixels), PhotographDecoder.decode(right, maxPixels: maxPixels), for: format)
        return try PhotographEncoder.encode(joined, as: format, quality: quality)
    }

    /// What a model folder holds, what a picture of this size costs, and everything that keeps it from being loaded. Reads headers only.
    /// - Parameters:
    ///   - views: as for `init`
    ///   - holdWeights: as for `init`, with this machine's memory
    package static func inspectModel(
        at folder: URL, views: Int? = nil, width: Int = 1280, height: Int = 720, holdWeights: Bool? = nil
    ) -> ModelReport {
        ModelReport(at: folder, views: views, width: width, height: height, holdWeights: holdWeights)
    }

    /// Runs the network on a picture recorded by the PyTorch twin, at its timestep, and compares every stage.
    /// - Throws: `ModelError`
    package static func compareStages(model: URL, stages: URL) throws -> [StageComparison] {
        try StageComparison.compare(model: model, stages: stages)
    }
}
