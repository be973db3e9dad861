import type { Reporter, TestModule } from 'vitest/node'

/** Ends the output with one line, "12 passed, 0 failed", for whoever reads it by machine. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<unknown>): void {
    let passed = 0
    let failed = unhandled.length
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state)
      passed += states.filter((state) => state === 'passed').length
      const failures = states.filter((state) => state === 'failed').length
      // A file that does not load, or whose hooks fail, fails without a failing test.
      failed += failures || (module.state() === 'failed' ? 1 : 0)
    }
    process.once('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`))
  }
}
