import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../../../src/paths.ts'
import { figures as analysisFigures } from '../../../src/tasks/analysis/schema.ts'
import { figures as assistantFigures } from '../../../src/tasks/assistant/schema.ts'
import type { Figures } from '../../../src/tasks/gates.ts'
import { gatherSchema, loadSchema } from '../../../src/tasks/index.ts'
import { figures as recoveryFigures } from '../../../src/tasks/recovery/schema.ts'
import { figures as workflowFigures } from '../../../src/tasks/workflow/schema.ts'
import { mistakeOf } from './mistake.ts'

const textOf = (name: string) => gatherSchema({ name, file: `schemas/${name}.yaml`, text: readFileSync(join(packageRoot, `schemas/${name}.yaml`), 'utf8') }, join(packageRoot, 'schemas'))
const loaded = (name: string) => loadSchema({ name, file: `schemas/${name}.yaml`, text: textOf(name) })
const goldenOf = (name: string) => readFileSync(join(packageRoot, `schemas/${name}.golden.jsonl`), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>)

test.each<[string, Figures]>([['email-batches', analysisFigures], ['tamarind', workflowFigures], ['claude-control', recoveryFigures], ['starweave', assistantFigures]])('every figure that %s may bound is measured on its golden set', (name, figures) => {
  const { family, schema } = loaded(name)
  const rows = goldenOf(name).map((record) => family.fromForeign(schema, record))
  const measured = new Set(rows.flatMap((row) => {
    const completion = family.completion(schema, row.output)
    return Object.keys(family.metrics!(schema, completion, row, family.score(schema, completion, row)))
  }))
  expect([...measured].sort()).toEqual(expect.arrayContaining(Object.values(figures).sort()))
})

test('the schemas demand what their documents do', () => {
  const gates = (name: string) => {
    const { family, schema } = loaded(name)
    const { figures, ...bounds } = family.gates!(schema)
    return { ...bounds, ...Object.fromEntries(figures.map(({ figure, bound }) => [figure, bound])) }
  }
  expect(gates('email-batches')).toEqual({ target: undefined, latency_p95_ms: 2000, 'accuracy (state)': { above: 0.9 }, 'completeness (recall of key entities)': { above: 0.85 }, 'precision of entities': { min: 0.8 }, relevance: { above: 0.95 } })
  expect(gates('claude-control')).toMatchObject({ parameter_extraction: { min: 0.8 }, 'error_recovery: steps': { min: 0.7 } })
  expect(gates('tamarind')).toMatchObject({ 'executes the same': { min: 0.7 } })
  expect(gates('starweave')).toMatchObject({ 'right and grounded': { min: 0.8 }, 'refused what is not in the sources': { min: 0.9 }, 'wrongly refused': { max: 0.05 }, rounds: 2 })
  expect(gates('gh')).toEqual({ target: undefined, latency_p95_ms: undefined })
})

describe('a wrong gate is told with its place', () => {
  const parse = (source: Parameters<typeof loadSchema>[0]) => loadSchema(source)
  const mails = (gates: string) => textOf('email-batches').replace(/^gates:\n(?: {2}.*\n)+/m, `gates: ${gates}\n`)
  test.each([
    ['{states: {min: 0.9}}', /^schemas\/x\.yaml:11:9: expected one of the keys .*completeness.*, found "states"; did you mean "state"\?/],
    ['{latency_p95: 2000}', /:11:9: .*did you mean "latency_p95_ms"\?/],
    ['{state: {mni: 0.9}}', /:11:17: expected one of the keys min, above, max, below, found "mni"; did you mean "min"\?/],
    ['{state: {min: 90}}', /:11:22: expected "min" to be at most 1, found 90; lower it\./],
    ['{state: {min: -1}}', /:11:22: expected "min" to be at least 0, found -1; raise it\./],
    ['{state: 0.9}', /:11:16: expected "state" to be a map, found 0\.9/],
    ['{state: {}}', /:11:16: .*at least one of min, above, max and below/],
    ['{rounds: 0}', /:11:17: expected "rounds" to be at least 1, found 0; raise it\./],
    ['{rounds: 11}', /:11:17: expected "rounds" to be at most 10, found 11; lower it\./],
    ['{round: 2}', /:11:9: .*found "round"; did you mean "rounds"\?/],
    ['{latency_p95_ms: 0}', /:11:25: expected "latency_p95_ms" to be above 0, found 0; raise it\./],
  ])('%s', (gates, message) => expect(mistakeOf(parse, mails(gates))).toMatch(message))

  test.each(['gh', 'home', 'tamarind', 'claude-control', 'starweave'])('of kind %s, too', (name) => {
    const text = textOf(name).replace(/^gates:\n(?: {2}.*\n)+/m, '')
    expect(mistakeOf(parse, `${text}\ngates: {targt: 0.9}\n`)).toMatch(/found "targt"; did you mean "target"\?/)
    const { family, schema } = loadSchema({ name, file: 'x.yaml', text: `${text}\ngates: {target: 0.9, rounds: 3}\n` })
    expect(family.gates!(schema)).toEqual({ target: 0.9, latency_p95_ms: undefined, rounds: 3, figures: [] })
  })
})
