import Foundation

/// Openapi.yaml, compiled into the executable.
///
/// Support/openapi.yaml is a symbolic link to the file at the top of the repository; SwiftPM turns its bytes into code (the rule
/// `embedInCode` in Package.swift), so there is one document and no path at run time.
public enum OpenAPIDocument {
    public static let data = Data(PackageResources.openapi_yaml)
}
