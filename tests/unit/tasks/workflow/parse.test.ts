import { expect, test } from 'vitest'
import { parsed, tamarind, text } from './fixtures.ts'

const lineOf = (part: string) => text.slice(0, text.indexOf(part)).split('\n').length

test('the language has at least twenty actions, and its rules are numbered with texts', () => {
  expect(tamarind.actions.length).toBeGreaterThanOrEqual(20)
  for (const rule of tamarind.rules) expect(rule.text.length).toBeGreaterThan(10)
})

test.each([
  ['a rule that refers to an unknown action', 'action: group, by: [aggregate]', 'action: gruop, by: [aggregate]', /expected an action, found "gruop"; did you mean "group"\?/],
  ['a rule with an unknown check', '{ is: nesting, most: 2 }', '{ is: nestin, most: 2 }', /expected "is" to name a check .*found "nestin"; did you mean "nesting"\?/],
  ['a check without its parameters', '{ is: nesting, most: 2 }', '{ is: nesting }', /expected the parameters of "nesting", found a mistake in "most"/],
  ['a rule of a parameter that there is not', 'parameter: times, least', 'parameter: time, least', /a parameter of "retry", found "time"; did you mean "times"\?/],
  ['a phrase with an unknown slot', '- "log {message}"', '- "log {massage}"', /a parameter of "log", found "massage"/],
  ['a phrase that leaves out what is required', '- "log {message}"', '- "log it"', /expected a phrase that says "\{message\}"/],
  ['a variable that the language lacks', 'variable: api_url', 'variable: api_uri', /a variable of the language, found "api_uri"; did you mean "api_url"\?/],
  ['a recipe with an unknown action', '- { action: sort, parameters: { by: "{by}", order: desc } }', '- { action: srot, parameters: { by: "{by}", order: desc } }', /expected an action, found "srot"/],
  ['an unknown key', '  - name: stop\n', '  - name: stop\n    phrase: x\n', /expected one of the keys .*found "phrase"; did you mean "phrases"\?/],
  ['a second action of one name', '  - name: append\n', '  - name: join\n', /expected every action once, found a second "join"/],
])('%s is told with its place', (_what, found, instead, message) => {
  expect(text).toContain(found)
  const line = lineOf(found)
  try {
    parsed(text.replace(found, () => instead))
    expect.unreachable()
  } catch (error) {
    expect((error as Error).message).toMatch(message)
    const told = [...(error as Error).message.matchAll(/^tamarind\.yaml:(\d+):\d+: /gm)].map(([, at]) => Number(at))
    expect(told.some((at) => Math.abs(at - line) <= 12)).toBe(true)
  }
})
