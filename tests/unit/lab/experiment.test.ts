import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseExperiment, readExperiment } from '../../../lab/experiment.ts'

const whole = `question: Does it help?
training: notes
variants:
  - name: more steps
    settings: {training.steps: 3000}
`

test('what is left out has its usual value: three seeds, the full run alone, the test split', () => {
  expect(parseExperiment('x.yaml', whole)).toMatchObject({
    seeds: [1, 2, 3], stages: [{ title: 'full' }], baseline: { settings: {}, options: {} }, measure: { rows: 'test', score_once: false },
    variants: [{ name: 'more steps', settings: { 'training.steps': 3000 }, options: {} }],
  })
})

test('proxies come in their order, and "full" closes them; without the word there is no full run', () => {
  const stages = (list: string) => parseExperiment('x.yaml', `${whole}proxies: ${list}\n`).stages
  expect(stages('[{examples: 6000, steps: 400}, {pairs: 50}, full]')).toEqual([{ examples: 6000, steps: 400, title: '6,000 examples, 400 steps' }, { pairs: 50, title: '50 pairs' }, { title: 'full' }])
  expect(stages('[{steps: 400}]').map(({ title }) => title)).toEqual(['400 steps'])
})

test.each([
  ['', 'x.yaml:1:1: expected a map with the keys question, training'],
  [whole.replace('question', 'qestion'), 'x.yaml:1:1: expected one of the keys question, training, seeds, baseline, variants, proxies, measure, found "qestion"; did you mean "question"?'],
  [whole.replace('name: more steps\n', 'nam: more steps\n'), 'x.yaml:4:5: expected one of the keys name, settings, options, schema, found "nam"; did you mean "name"?'],
  [`${whole}    options: {nums: 500}\n`, 'x.yaml:6:15: expected one of the keys num, pairs, base, quant, teacher, found "nums"; did you mean "num"?'],
  [`${whole}    options: {num: 5}\n`, 'x.yaml:6:20: expected "num" to be at least 50, found 5'],
  [`${whole}    options: {teacher: anthropic}\n`, 'x.yaml:6:24: expected "teacher" to be "offline" or "import", found "anthropic"'],
  [`${whole}baseline: {setings: {}}\n`, 'x.yaml:6:12: expected one of the keys settings, options, found "setings"; did you mean "settings"?'],
  [`${whole}measure: {row: test}\n`, 'x.yaml:6:11: expected one of the keys rows, part, score_once, found "row"; did you mean "rows"?'],
  [`${whole}measure: {rows: test, part: dev}\n`, 'x.yaml:6:29: expected "part" beside a file'],
  [`${whole}seeds: [1, 2, 1]\n`, 'x.yaml:6:15: expected every seed once, found 1 again'],
  [`${whole}  - {name: more steps}\n`, 'x.yaml:6:12: expected a name of its own, found "more steps"'],
  [`${whole}  - {name: baseline}\n`, 'x.yaml:6:12: expected a name of its own, found "baseline"'],
  [`${whole}proxies: [full, {steps: 4}]\n`, 'x.yaml:6:11: expected "full" to be the last'],
  [`${whole}proxies: [{}, full]\n`, 'x.yaml:6:11: expected "examples", "steps" or "pairs", found none'],
  [`${whole}proxies: [{example: 600}]\n`, 'x.yaml:6:12: expected one of the keys examples, steps, pairs, found "example"; did you mean "examples"?'],
  [`${whole}proxies: []\n`, 'x.yaml:6:10: expected a stage at least, found none'],
  [`${whole}proxies: [{steps: 4}, full]\nmeasure: {rows: g.jsonl, score_once: true}\n`, 'x.yaml:7:38: expected no proxies beside "score_once"'],
  [`${whole}    settings: {a: 1}\n`, 'x.yaml:6:5: expected every key once, found a second "settings"'],
])('what is wrong in %j is said with its place', (text, message) => {
  expect(() => parseExperiment('x.yaml', text)).toThrow(message)
})

test('every mistake is named at once', () => {
  expect(() => parseExperiment('x.yaml', `${whole}seeds: [1, 1]\nproxies: [{}]\n`)).toThrow(/x\.yaml:6:12: .*\nx\.yaml:7:11: /)
})

test('a file that is not there is named', async () => {
  await expect(readExperiment('nowhere.yaml')).rejects.toMatchObject({ type: 'BadInput', message: expect.stringContaining('nowhere.yaml cannot be read (ENOENT)') })
})

const examples = join(import.meta.dirname, '../../../lab/experiments')
test.each(readdirSync(examples))('%s is an experiment', async (file) => {
  const { question, stages } = await readExperiment(join(examples, file))
  expect(question).toMatch(/\?$/)
  expect(stages.at(-1)).toEqual({ title: 'full' })
})
