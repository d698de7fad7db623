/// Finds the word that a user probably meant.
public enum NearMiss {
  /// The candidate nearest to `word`, or `nil` where none is near enough to guess.
  ///
  /// Near means: at most one edit in three characters (`distance(_:_:) <= max(1, count / 3)`), or
  /// the same words in another order (`left kidney` for `kidney_left`). Case, spaces, hyphens and
  /// underscores do not count. Among equals the first candidate wins.
  public static func suggestion(for word: String, among candidates: some Sequence<String>)
    -> String?
  {
    let plain = normalized(word)
    let words = sortedWords(word)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let other = normalized(candidate)
      var distance = Self.distance(plain, other)
      if !words.isEmpty, words == sortedWords(candidate) { distance = 0 }
      // A word that only adds to the front or the end (`kidney` for `kidneys`) is a near miss too.
      if plain.count >= 4, other.count >= 4, other.hasPrefix(plain) || plain.hasPrefix(other) {
        distance = min(distance, max(1, plain.count / 3))
      }
      guard distance <= max(1, plain.count / 3) else { continue }
      if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// `did you mean 'liver'?`, or else `alternative`.
  public static func remedy(
    for word: String, among candidates: some Sequence<String>, otherwise alternative: String
  ) -> String {
    suggestion(for: word, among: candidates).map { "did you mean '\($0)'?" } ?? alternative
  }

  /// The number of insertions, deletions, substitutions and swaps of neighbours between two words.
  ///
  /// The optimal string alignment distance (Damerau 1964, Levenshtein 1966) in O(n m) time.
  public static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a)
    let b = Array(b)
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 1...a.count {
      var row = [i] + [Int](repeating: 0, count: b.count)
      for j in 1...b.count {
        let substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        row[j] = min(last[j] + 1, row[j - 1] + 1, substitution)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          row[j] = min(row[j], beforeLast[j - 2] + 1)
        }
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }

  private static func normalized(_ word: String) -> String {
    word.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
  }

  private static func sortedWords(_ word: String) -> [Substring] {
    word.lowercased().split { $0 == "_" || $0 == "-" || $0 == " " }.sorted()
  }
}
