public import Acquisition

extension Scanner {
  /// The scanner with channels twice as wide and half the views: a quarter of the rays, with the same quanta in all.
  public var halved: Scanner {
    var halved = self
    halved.channels /= 2
    halved.viewsPerRotation /= 2
    halved.photonsPerMas *= 2
    return halved
  }
}
