import CFuzzer

// fuzz TARGET [options of libFuzzer] [folders of seeds]: `make fuzz`.

let callbacks: [String: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32] = [
    "http": { fuzzHTTP(bytes($0, $1)) },
    "picture": { fuzzPicture(bytes($0, $1)) },
    "weights": { fuzzWeights(bytes($0, $1)) },
]

func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] { Array(UnsafeBufferPointer(start: start, count: count)) }

guard CommandLine.arguments.count > 1, let callback = callbacks[CommandLine.arguments[1]] else {
    fatalError("usage: fuzz \(callbacks.keys.sorted().joined(separator: "|")) [OPTIONS] [FOLDERS]")
}
var count = CommandLine.argc - 1
// libFuzzer takes the name of the program from the first.
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
exit(
    withUnsafeMutablePointer(to: &arguments) { pointer in
        pointer.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.self, capacity: 1) {
            LLVMFuzzerRunDriver(
                &count, UnsafeMutableRawPointer($0).assumingMemoryBound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self),
                callback)
        }
    })
