// swift-tools-version: 6.0
import PackageDescription

// The store over a million jobs. Sources/Storage is a link to the product's own sources.
let package = Package(
    name: "bench-store",
    dependencies: [.package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0")],
    targets: [
        .target(name: "Storage", dependencies: [.product(name: "GRDB", package: "GRDB.swift")]),
        .executableTarget(name: "bench-store", dependencies: ["Storage", .product(name: "GRDB", package: "GRDB.swift")]),
    ]
)
