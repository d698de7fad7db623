import Dispatch
import Synchronization
import Testing

@testable import Generation

@Suite struct LookAheadTests {
  private struct Bad: Error, Equatable { var element: Int }

  /// Elements and errors come in the order of the inputs, whether prepared ahead or not.
  @Test(arguments: [true, false]) func keepsTheOrder(isOn: Bool) {
    let ahead = LookAhead(Array(0..<20), isOn: isOn) { element, _ in
      if element % 5 == 3 { throw Bad(element: element) }
      return element * element
    }
    for element in 0..<20 {
      switch ahead.next() {
      case .success(let square): #expect(square == element * element && element % 5 != 3)
      case .failure(let error): #expect(error as? Bad == Bad(element: element))
      case nil: Issue.record("ended at \(element)")
      }
    }
    #expect(ahead.next() == nil)
    #expect(LookAhead([Int](), isOn: isOn) { element, _ in element }.next() == nil)
  }

  /// While the caller has an element the next is prepared, and none after it.
  @Test func preparesOneElementAhead() {
    let begun = (0..<4).map { _ in DispatchSemaphore(value: 0) }
    let ahead = LookAhead(Array(0..<4), isOn: true) { element, _ in
      begun[element].signal()
      return element
    }
    _ = ahead.next()
    // Without looking ahead this would wait for ever; a minute is for a machine that stands still.
    #expect(begun[1].wait(timeout: .now() + 60) == .success)
    #expect(begun[2].wait(timeout: .now() + 0.2) == .timedOut, "two elements ahead")
    _ = ahead.next()
    #expect(begun[2].wait(timeout: .now() + 60) == .success)
  }

  /// Without looking ahead nothing begins before it is asked for.
  @Test func waitsWhereItIsOff() {
    let begun = Mutex(0)
    let ahead = LookAhead([0, 1], isOn: false) { element, _ in
      begun.withLock { $0 += 1 }
      return element
    }
    _ = ahead.next()
    #expect(begun.withLock { $0 } == 1)
  }

  /// What is being prepared hears that nobody waits for it any more.
  @Test func stopsWhatIsGivenUp() {
    let (begun, stopped) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    var ahead: LookAhead<Int, Int>? = LookAhead([0, 1], isOn: true) { element, stop in
      if element == 1 {
        begun.signal()
        while (try? stop.check()) != nil {}
        stopped.signal()
      }
      return element
    }
    _ = ahead?.next()
    #expect(begun.wait(timeout: .now() + 60) == .success)
    ahead = nil
    #expect(stopped.wait(timeout: .now() + 60) == .success)
  }
}
