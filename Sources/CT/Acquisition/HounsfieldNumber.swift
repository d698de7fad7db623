/// A type that HU are stored as: `Float`, or `Int16`, which takes half the memory.
public protocol HounsfieldNumber: BitwiseCopyable, Sendable {
  /// Copies HU as floats; a whole column at once, so that the loop is one for each type.
  static func copy(
    _ source: UnsafePointer<Self>, count: Int, to target: UnsafeMutablePointer<Float>)
  /// The value, HU.
  var hounsfield: Double { get }
}

extension Float: HounsfieldNumber {
  /// The value, HU.
  public var hounsfield: Double { Double(self) }

  /// Copies the values.
  public static func copy(
    _ source: UnsafePointer<Float>, count: Int, to target: UnsafeMutablePointer<Float>
  ) {
    target.update(from: source, count: count)
  }
}

extension Int16: HounsfieldNumber {
  /// The value, HU.
  public var hounsfield: Double { Double(self) }

  /// Converts the values.
  public static func copy(
    _ source: UnsafePointer<Int16>, count: Int, to target: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { target[i] = Float(source[i]) }
  }
}
