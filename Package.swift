// swift-tools-version: 6.0
import PackageDescription

let warnings = ["-Wall", "-Wextra", "-Werror"]
// -O3 also in debug builds: the loops in C are a hundred times slower without vectorisation. No errno: square roots become instructions.
// unsafeFlags are refused in dependencies only; this package is always the root.
let loopSettings: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno"] + warnings)]
// C that sees bytes of strangers: overflows end the process (`make check-hardening`).
let hardened: [CSetting] = [.unsafeFlags(["-fstack-protector-strong", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=3", "-O2"] + warnings)]

// The pages at / and /docs.
let webFiles = [
    "api.js", "app.js", "base.css", "docs.css", "docs.html", "docs.js", "events.js", "follow.js", "icon.svg", "index.html",
    "photographs.js", "strip.js", "style.css", "viewer.css", "viewer.js", "words.js", "yaml.js", "zip.js",
]

// Licence: Apache-2.0 (LICENSE); the weights, which are no part of the package for Swift, CC BY-SA 4.0.
// The directions that hold everywhere: fidediff -> Commands -> Server -> {Engine, Storage}, Commands -> Engine.
let package = Package(
    name: "fidediff",
    products: [
        .executable(name: "fidediff", targets: ["fidediff"])
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0"),
        // Only the tests read YAML: they hold openapi.yaml against the routes.
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
    ],
    targets: [
        // System libraries: a module map and a shim header each.
        .systemLibrary(
            name: "COpenBLAS", path: "Sources/CSystem/COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CJPEG", path: "Sources/CSystem/CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
        .systemLibrary(name: "CPNG", path: "Sources/CSystem/CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CLCMS", path: "Sources/CSystem/CLCMS", pkgConfig: "lcms2", providers: [.apt(["liblcms2-dev"])]),
        .systemLibrary(name: "CCurl", path: "Sources/CSystem/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CCrypto", path: "Sources/CSystem/CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLinux", path: "Sources/CSystem/CLinux"),

        .target(name: "CLoops", cSettings: loopSettings),
        // linkedLibrary: where pkg-config is not installed, SwiftPM finds no .pc file and would not link either.
        .target(
            name: "CCodecs", dependencies: ["CJPEG", "CLCMS", "CPNG"], cSettings: hardened + loopSettings,
            linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("lcms2"), .linkedLibrary("png")]),
        // Webhooks. Variable arguments of libcurl's options stay in C.
        .target(name: "CTransfer", dependencies: ["CCurl"], cSettings: hardened, linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "Engine", dependencies: ["COpenBLAS", "CLoops", "CCodecs"]),

        .target(name: "Storage", dependencies: [.product(name: "GRDB", package: "GRDB.swift")]),

        .target(
            name: "Server",
            dependencies: [
                "CCrypto", "CLinux", "CTransfer", "Engine", "Storage",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            // The executable carries their bytes and needs no path at run time. openapi.yaml is a symbolic link to the file at the top.
            resources: [.embedInCode("Resources/openapi.yaml")] + webFiles.map { .embedInCode("Web/\($0)") }),

        .target(
            name: "Commands",
            dependencies: [
                "Engine", "Server", "Storage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        .executableTarget(
            name: "fidediff",
            dependencies: [
                "Commands", "Engine", "Server", "Storage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            // All symbols bound at the start, their table read-only from then on.
            linkerSettings: [.unsafeFlags(["-Xlinker", "-z", "-Xlinker", "relro", "-Xlinker", "-z", "-Xlinker", "now"])]),

        .target(name: "LoopReference", dependencies: ["Engine"], path: "Tests/LoopReference"),
        .target(name: "TestSupport", path: "Tests/Support"),
        .testTarget(name: "EngineTests", dependencies: ["Engine", "CLoops", "LoopReference", "TestSupport"]),
        .testTarget(name: "StorageTests", dependencies: ["Storage", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(name: "RepositoryTests", dependencies: ["TestSupport"]),
        .testTarget(
            name: "CommandsTests",
            dependencies: [
                "Commands", "Engine", "Server", "Storage", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "CLinux", "Engine", "Server", "Storage", "TestSupport", "fidediff",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Yams", package: "Yams"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
