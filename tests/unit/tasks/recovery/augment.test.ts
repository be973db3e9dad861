import { describe, expect, test } from 'vitest'
import type { Row } from '../../../../src/dataset/row.ts'
import { commandVariations, contextVariations, errorSimulations } from '../../../../src/tasks/recovery/augment/index.ts'
import { recovery as family } from '../../../../src/tasks/recovery/index.ts'
import { findCause } from '../../../../src/tasks/recovery/schema.ts'
import { Random } from '../../../../src/teacher/random.ts'
import { asked, command, control, failing, recovered, row, written } from './fixtures.ts'

const rows = written(1_000, 11)
const commands = rows.filter(({ slice }) => slice!.case === 'positive' && slice!.augmentation === 'none')
const recoveries = rows.filter(({ slice }) => slice!.case === 'recovery')

/** What a variation makes of a row, with several seeds. */
const many = (name: string, of: Row) => Array.from({ length: 12 }, (_, seed) => ({ ...commandVariations, ...contextVariations }[name]!(control, of, new Random(seed)))).filter((each) => each !== undefined)

test('the twelve techniques of the document have their names', () => {
  expect(Object.keys(commandVariations)).toEqual(['synonym_replacement', 'word_order_shuffling', 'parameter_substitution', 'style_transformation'])
  expect(Object.keys(errorSimulations)).toEqual(['parameter_corruption', 'context_modification', 'resource_constraints', 'timing_issues'])
  expect(Object.keys(contextVariations)).toEqual(['state_variation', 'history_modification', 'preference_alteration', 'load_simulation'])
})

describe.each(Object.keys(commandVariations))('%s', (name) => {
  test('makes other rows that may be trained on, from many commands', () => {
    const made = commands.flatMap((each, seed) => {
      const other = commandVariations[name]!(control, each, new Random(seed))
      return other ? [{ each, other }] : []
    })
    expect(made.length).toBeGreaterThan(commands.length / 10)
    for (const { each, other } of made) {
      expect(other.instruction).not.toBe(each.instruction)
      expect(family.validate(control, other), `${each.instruction} → ${other.instruction}`).toEqual([])
      if (name !== 'parameter_substitution') expect(other.output).toBe(each.output)
    }
  })
  test('leaves errors as they are', () => expect(commandVariations[name]!(control, recoveries[0]!, new Random(1))).toBeUndefined())
})

describe('words', () => {
  const read = row('show me src/show.ts', asked('read_file', 'inspect', { path: 'src/show.ts' }))
  test('are replaced by synonyms, values never', () => {
    const made = many('synonym_replacement', read)
    expect(made.length).toBeGreaterThan(6)
    for (const { instruction } of made) expect(instruction).toContain('src/show.ts')
    expect(new Set(made.map(({ instruction }) => instruction)).size).toBeGreaterThan(3)
  })
  test('change their order: the last detail stands first', () => {
    expect(many('word_order_shuffling', row('Start agent scout on haiku', asked('start_agent', 'start', { agent: 'scout', model: 'haiku' })))[0]!.instruction).toMatch(/^on haiku,? start agent scout$/)
    expect(many('word_order_shuffling', row('log in to db.dev', asked('connect', 'connect', { host: 'db.dev' })))).toEqual([])
  })
  test('stay when a value is substituted, which changes in the answer too', () => {
    const [made] = many('parameter_substitution', read)
    const path = (JSON.parse(made!.output) as { command: { parameters: { path: string } } }).command.parameters.path
    expect(path).not.toBe('src/show.ts')
    expect(made!.instruction).toBe(`show me ${path}`)
  })
  test('change their tone', () => {
    const tones = many('style_transformation', row('Please stop agent scout', asked('stop_agent', 'stop', { agent: 'scout' }))).map(({ instruction }) => instruction)
    expect(tones.some((each) => /grateful|may i|requested|kindly note|so kind/i.test(each))).toBe(true)
    expect(tones.some((each) => /asap|now|quick|hurry|away|immediately/.test(each))).toBe(true)
  })
})

describe('errors are simulated', () => {
  const fail = (cause: string, of: ReturnType<typeof command>, parameter?: string, context: Row['context'] = null) => {
    const known = findCause(control, cause)!
    return Array.from({ length: 12 }, (_, seed) => errorSimulations[known.simulation](control, known, { command: of, parameter, context }, new Random(seed))).filter((each) => each !== undefined)
  }
  test('by corrupting a parameter: a slip, a number in words, one out of bounds, one left out', () => {
    for (const { failed, bindings } of fail('misspelt_path', command('read_file', { path: 'src/router.ts' }), 'path')) {
      expect(failed.parameters.path).not.toBe('src/router.ts')
      expect(bindings).toMatchObject({ value: failed.parameters.path, right: 'src/router.ts', parameter: 'path' })
    }
    for (const { failed, bindings } of fail('wrong_type', command('list_tasks', { limit: 5 }), 'limit')) expect([typeof failed.parameters.limit, typeof bindings.right]).toEqual(['string', 'number'])
    for (const { failed, bindings } of fail('out_of_range', command('list_tasks', { limit: 5 }), 'limit')) expect(failed.parameters.limit).toBeGreaterThan(bindings.right as number)
    for (const { failed, context, bindings } of fail('missing_parameter', command('cancel_task', { task: 't' }), 'task')) {
      expect(failed.parameters).toEqual({})
      expect(context).toEqual({ state: { task: bindings.right } })
    }
    for (const { context } of fail('missing_unknown', command('cancel_task', { task: 't' }), 'task', { state: { task: 'other' } })) expect(context).toBeNull()
  })
  test('by modifying the context: what was there is elsewhere, or down for the third time', () => {
    for (const { failed, bindings } of fail('file_moved', command('read_file', { path: 'a/b.txt' }), 'path')) {
      expect(failed.parameters.path).toBe('a/b.txt')
      expect(bindings.right).not.toBe('a/b.txt')
    }
    for (const { context } of fail('service_broken', command('list_tasks'))) expect([3, 4, 5]).toContain((context!.history as { attempts: number }).attempts)
  })
  test('by constraining resources: more is needed than there is', () => {
    for (const { bindings } of fail('limit_too_low', command('run_task', { task: 't' }))) expect(bindings.needed).toBeGreaterThan(bindings.limit as number)
  })
  test('by timing: too short a limit, a busy system', () => {
    for (const { bindings } of fail('limit_too_short', command('run_task', { task: 't', timeout: 30 }), 'timeout')) expect(bindings.right).toBeGreaterThan(30)
    for (const { context } of fail('system_overloaded', command('connect', { host: 'h' }))) expect(context).toEqual({ load: { level: 'high' } })
  })
})

describe('the context varies', () => {
  test('and the row may still be trained on, whichever it is', () => {
    for (const [name, vary] of Object.entries(contextVariations)) {
      for (const [seed, each] of [...commands.slice(0, 60), ...recoveries.slice(0, 80)].entries()) {
        const other = vary(control, each, new Random(`${name} ${seed}`))
        if (!other) continue
        expect(other.instruction).toBe(each.instruction)
        expect(other.context).not.toEqual(each.context)
        expect(family.validate(control, other), `${name}: ${other.instruction} ${JSON.stringify(other.context)} ${other.output}`).toEqual([])
      }
    }
  })
  test('with the state the answer varies that is taken from it', () => {
    const stop = row('stop this session', asked('stop_session', 'stop', { session: 'alpha' }), { context: { state: { session: 'alpha' } } })
    const made = many('state_variation', stop).filter(({ context }) => (context!.state as { session: string }).session !== 'alpha')
    expect(made.length).toBeGreaterThan(0)
    for (const { context, output } of made) expect(JSON.parse(output).command.parameters.session).toBe((context!.state as { session: string }).session)
  })
  test('with a preference a parameter varies that nobody said, and none that somebody said', () => {
    const list = row('list the tasks', asked('list_tasks', 'inspect', { format: 'json' }), { context: { preferences: { format: 'json' } } })
    for (const { context, output } of many('preference_alteration', list)) {
      const { format = 'table', language } = context!.preferences as { format?: string; language?: string }
      expect(JSON.parse(output).command.parameters.format ?? 'table', `${language}`).toBe(format)
    }
    const said = row('list the tasks as json', asked('list_tasks', 'inspect', { format: 'json' }))
    for (const { output } of many('preference_alteration', said)) expect(output).toBe(said.output)
  })
  test('load and history stay where the answer hangs on them', () => {
    const busy = row('request timed out', recovered('timeout', 'system_overloaded', command('list_tasks'), { step: 'wait', parameters: { seconds: 60 } }, { step: 'retry' }), { context: failing('list_tasks', {}, { load: { level: 'high' } }) })
    expect(many('load_simulation', busy)).toEqual([])
    expect(many('history_modification', busy).length).toBeGreaterThan(0)
    const down = row('connection refused by cache', recovered('connection_failed', 'service_down', command('list_tasks'), { step: 'restart_service', parameters: { service: 'cache' } }, { step: 'retry' }), { context: failing('list_tasks') })
    for (const { context } of many('history_modification', down)) expect((context!.history as { attempts?: number }).attempts ?? 0).toBeLessThan(3)
    expect(many('load_simulation', down).length).toBeGreaterThan(0)
  })
  test('what was asked back is not suddenly known', () => {
    const back = row('stop the agent', { type: 'clarification', message: 'Which agent do you mean?', suggestions: [{ label: 'Stop an agent', command: 'stop_agent' }] })
    for (const { context } of many('state_variation', back)) expect(context?.state).toBeUndefined()
  })
})
