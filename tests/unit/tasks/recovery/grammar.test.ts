import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Engine } from '../../../../src/inference/engine.ts'
import { gbnfAccepts } from '../../../../src/tasks/gbnf-accepts.ts'
import { recovery as family } from '../../../../src/tasks/recovery/index.ts'
import { randomModel } from '../../inference/random-model.ts'
import { acceptor as acceptorOf } from '../acceptor.ts'
import { anyAnswer, asked, command, control, recovered, written } from './fixtures.ts'

let engine: Engine
beforeAll(async () => {
  engine = await Engine.load({ gguf: randomModel() })
}, 60_000)
afterAll(() => engine?.close())

const acceptor = (gbnf = family.grammar(control)) => acceptorOf(engine, gbnf)

/** The recogniser of the quality check, which has no model. */
const recognises = gbnfAccepts(family.grammar(control))

test('it accepts every target, whatever its values', async () => {
  const accepts = await acceptor()
  fc.assert(fc.property(anyAnswer, (answer) => accepts(family.target(control, answer)) && recognises(family.target(control, answer))), { numRuns: 120 })
})

test('it accepts every row of the offline teacher', async () => {
  const accepts = await acceptor()
  for (const { output } of written(200, 3)) expect(accepts(family.target(control, output)), output).toBe(true)
})

test.each([
  ['an answer that is cut', '{"command":{"command_type":"list_tasks","intent":"inspect","parameters":{'],
  ['an intent of another command', JSON.stringify(asked('list_tasks', 'stop'))],
  ['an unknown command', JSON.stringify(asked('list_things', 'inspect'))],
  ['a default', JSON.stringify(asked('list_tasks', 'inspect', { format: 'table' }))],
  ['a missing parameter', JSON.stringify(asked('read_file', 'inspect'))],
  ['a cause of another error', JSON.stringify(recovered('timeout', 'locked', null, { step: 'retry' }))],
  ['no steps', JSON.stringify(recovered('timeout', 'no_answer', null))],
  ['a step without its parameter', JSON.stringify(recovered('timeout', 'no_answer', null, { step: 'wait' }))],
  ['a correction with a parameter that is not its own', JSON.stringify(recovered('timeout', 'no_answer', command('list_tasks', { path: 'x' }), { step: 'retry' }))],
])('it refuses %s', async (_, text) => expect([(await acceptor())(text), recognises(text)]).toEqual([false, false]))

test('narrowed to a text it accepts the values in it and the numbers that recoveries have of themselves, and no others', async () => {
  const accepts = await acceptor(family.copyingGrammar!(control, family.grammar(control), 'no answer within 20 seconds\nfailed {"command_type":"connect","parameters":{"host":"db.dev"}}\nlevel=high'))
  const answer = (host: string, seconds: number) => JSON.stringify(recovered('timeout', 'system_overloaded', command('connect', { host }), { step: 'wait', parameters: { seconds } }, { step: 'retry' }))
  expect(accepts(answer('db.dev', 60))).toBe(true)
  expect(accepts(answer('db.dev', 20))).toBe(true)
  expect(accepts(answer('db.dev', 61))).toBe(false)
  expect(accepts(answer('other.dev', 60))).toBe(false)
})
