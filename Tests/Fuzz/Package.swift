// swift-tools-version: 6.0
import PackageDescription

// Readers of untrusted bytes under libFuzzer and AddressSanitizer. Sources but `fuzz` and `CFuzzer` are links to the product's own.
let instrumented: [SwiftSetting] = [.unsafeFlags(["-sanitize=address,fuzzer", "-enable-testing", "-Xcc", "-fno-omit-frame-pointer"])]
let instrumentedC: [CSetting] = [.unsafeFlags(["-O2", "-fno-math-errno", "-fsanitize=address,undefined,fuzzer-no-link"])]

let package = Package(
    name: "fuzz",
    dependencies: [.package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0")],
    targets: [
        .systemLibrary(name: "COpenBLAS", path: "Sources/CSystem/COpenBLAS", pkgConfig: "openblas"),
        .systemLibrary(name: "CJPEG", path: "Sources/CSystem/CJPEG", pkgConfig: "libjpeg"),
        .systemLibrary(name: "CLCMS", path: "Sources/CSystem/CLCMS", pkgConfig: "lcms2"),
        .systemLibrary(name: "CPNG", path: "Sources/CSystem/CPNG", pkgConfig: "libpng"),
        .systemLibrary(name: "CLinux", path: "Sources/CSystem/CLinux"),
        .target(name: "CLoops", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]),
        .target(
            name: "CCodecs", dependencies: ["CJPEG", "CLCMS", "CPNG"], cSettings: instrumentedC,
            linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("lcms2"), .linkedLibrary("png")]),
        .target(name: "Engine", dependencies: ["COpenBLAS", "CLoops", "CCodecs"], swiftSettings: instrumented),
        // The parts of Server that see a client's bytes before anything else does.
        .target(
            name: "Server", dependencies: ["CLinux", .product(name: "HTTPTypes", package: "swift-http-types")], path: "Sources/Server",
            sources: ["Fields", "Messages", "Parsing"], swiftSettings: instrumented),
        .target(name: "CFuzzer"),
        .executableTarget(
            name: "fuzz", dependencies: ["CFuzzer", "Engine", "Server", .product(name: "HTTPTypes", package: "swift-http-types")],
            swiftSettings: instrumented,
            linkerSettings: [
                .unsafeFlags([
                    "-sanitize=address", "-L", ".build/runtime", "-Xlinker", "--whole-archive", "-lfuzzer", "-Xlinker",
                    "--no-whole-archive", "-lstdc++", "-lubsan",
                ])
            ]),
    ],
    swiftLanguageModes: [.v6]
)
