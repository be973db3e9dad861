import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type Arm, type Arms, jobOf, readArms } from '../../../lab/arms.ts'
import { looksAtFinal, readExam } from '../../../lab/exam.ts'
import { parseExperiment } from '../../../lab/experiment.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

const fixtures = join(import.meta.dirname, '../../fixtures')

inOwnFolder('arms-')
beforeEach(() => {
  mkdirSync('schemas')
  for (const file of ['notes.yaml', 'notes.golden.jsonl']) copyFileSync(join(fixtures, file), join('schemas', file))
})

const experiment = (rest: string) => parseExperiment('x.yaml', `question: Does it help?\ntraining: notes\n${rest}`)
const armsOf = (rest: string): Promise<Arms> => readArms(experiment(rest))
const steps = 'variants:\n  - {name: longer, settings: {training.steps: 3000}}\n'
const full = { title: 'full' }

test('a variant is the baseline with some values changed, and says which', async () => {
  const { baseline, variants: [longer, more] } = await armsOf('baseline: {settings: {training.batch_size: 8}, options: {num: 500}}\nvariants:\n  - {name: longer, settings: {training.steps: 3000}}\n  - {name: more, options: {num: 900, quant: q8_0}}\n')
  expect(baseline).toMatchObject({ change: 'training.batch_size 8, num 500', settings: { 'training.batch_size': 8 } })
  expect(longer).toMatchObject({ change: 'training.steps 3000', settings: { 'training.batch_size': 8, 'training.steps': 3000 }, options: { num: 500 } })
  expect(more).toMatchObject({ change: 'num 900, quant q8_0', options: { num: 900, quant: 'q8_0' } })
})

test.each([
  ['variants:\n  - {name: a, settings: {training.stepz: 3}}\n', /^x\.yaml:4:26: .*sft\.training\.stepz: nothing reads this key; did you mean "steps"\?/],
  ['variants:\n  - {name: a, settings: {training.steps: many}}\n', /^x\.yaml:4:26: .*sft\.training\.steps: expected a whole number, found "many"/],
  ['variants:\n  - {name: a, settings: {steps: 3}}\n', /^x\.yaml:4:26: Expected a key to vary as SECTION\.KEY/],
  ['baseline: {settings: {training.stepz: 3}}\nvariants: [{name: a}]\n', /^x\.yaml:3:23: .*did you mean "steps"\?/],
  ['variants:\n  - {name: a, options: {quant: q4km}}\n', /^x\.yaml:4:25: .*did you mean "q4_k_m"\?/],
  ['variants:\n  - {name: a, options: {base: scrtch}}\n', /^x\.yaml:4:25: A base is one of/],
  ['variants:\n  - {name: a, schema: other.yaml}\n', /^x\.yaml:4:23: expected a schema, found no file "other\.yaml"/],
  ['variants:\n  - {name: a}\n', /^x\.yaml:4:5: expected "a" to differ from the baseline, found nothing that does; change a value/],
  ['variants:\n  - {name: a, settings: {training.steps: 2600}}\n', /^x\.yaml:4:5: expected "a" to differ from the baseline/],
  [`${steps}proxies: [{steps: 4}]\n`, /^x\.yaml:4:5: expected "longer" to differ from the baseline, found nothing that does at the last stage \(4 steps\)/],
])('%j is refused with its place', async (rest, message) => {
  await expect(armsOf(rest)).rejects.toMatchObject({ type: 'BadInput', message: expect.stringMatching(message) })
})

test("a training may be a file, beside which its golden set stands; what is no schema's name is said so", async () => {
  const { name, golden } = await readArms(parseExperiment('x.yaml', `question: Does it help?\ntraining: schemas/notes.yaml\n${steps}`))
  expect({ name, golden: golden?.file }).toEqual({ name: 'notes', golden: 'schemas/notes.golden.jsonl' })
  await expect(readArms(parseExperiment('x.yaml', `question: Does it help?\ntraining: nots\n${steps}`))).rejects.toThrow('did you mean "notes"?')
  await expect(readArms(parseExperiment('x.yaml', `question: Does it help?\ntraining: schemas/nots.yaml\n${steps}`))).rejects.toThrow('x.yaml:2:11: expected a schema, found no file "schemas/nots.yaml"')
})

test('another schema must be of the same kind', async () => {
  writeFileSync('tools.yaml', 'kind: tools\nname: tools\ndescription: Tools\ntools:\n  - {name: on, description: Switch it on, parameters: {type: object, properties: {}}}\n')
  await expect(armsOf('variants:\n  - {name: a, schema: tools.yaml}\n')).rejects.toThrow('x.yaml:4:23: expected a schema of kind cli, as that of the training, found tools')
})

test('trainings on the same data share them, and nothing else; a seed, a number of examples and a schema make others', async () => {
  writeFileSync('other.yaml', readFileSync('schemas/notes.yaml', 'utf8').replace(/description: .*/, 'description: Something else.'))
  const arms = await armsOf('variants:\n  - {name: longer, settings: {training.steps: 3000}}\n  - {name: more, options: {num: 900}}\n  - {name: other, schema: other.yaml}\n')
  const [longer, more, other] = arms.variants.map((arm) => jobOf(arms, arm, full, 1))
  const own = jobOf(arms, arms.baseline, full, 1)
  expect(own.training).toMatch(/^lab-notes-[0-9a-f]{8}$/)
  expect(longer!.training).toBe(own.training)
  expect(new Set([own, more!, other!, jobOf(arms, arms.baseline, full, 2)].map(({ training }) => training)).size).toBe(4)
  expect(new Set([own, longer!, more!, other!].map(({ key }) => key)).size).toBe(4)
  expect(jobOf(arms, arms.baseline, full, 1)).toEqual(own)
})

test('a proxy settles examples, steps and pairs for all that are trained; what only they changed is the baseline there', async () => {
  const arms = await armsOf('variants:\n  - {name: longer, settings: {training.steps: 3000}}\n  - {name: wider, settings: {model.hidden_size: 192}}\n')
  const [longer, wider] = arms.variants as [Arm, Arm]
  const proxy = { title: 'cheap', examples: 600, steps: 40, pairs: 20 }
  const job = jobOf(arms, wider, proxy, 3)
  expect(job).toMatchObject({ options: { num: 600, pairs: 20, seed: 3, base: 'scratch', teacher: 'offline' }, settings: { 'model.hidden_size': 192, 'training.steps': 40 } })
  expect(jobOf(arms, longer, proxy, 3).key).toBe(jobOf(arms, arms.baseline, proxy, 3).key)
  expect(job.key).not.toBe(jobOf(arms, arms.baseline, proxy, 3).key)
})

test('the steps of a downloaded base have another name', async () => {
  const arms = await armsOf('baseline: {options: {base: smollm2-135m}}\nvariants:\n  - {name: a, settings: {training.learning_rate: 1e-4}}\n')
  expect(jobOf(arms, arms.baseline, { title: 'cheap', steps: 40 }, 1).settings).toEqual({ 'training.max_steps': 40 })
})

const examOf = async (measure: string) => {
  const of = experiment(`${steps}measure: ${measure}\n`)
  const said: string[] = []
  return { exam: await readExam(of, await readArms(of), (line) => said.push(line)), said }
}

test('a golden set is measured by its dev half; the final half chooses nothing, and is refused with the reason', async () => {
  expect((await examOf('{rows: test}')).exam).toBeUndefined()
  const { exam } = await examOf('{rows: schemas/notes.golden.jsonl, part: dev}')
  expect(exam!.rows.every(({ part }) => part === 'dev')).toBe(true)
  expect(looksAtFinal(exam)).toBe(false)
  for (const measure of ['{rows: schemas/notes.golden.jsonl}', '{rows: schemas/notes.golden.jsonl, part: final}']) {
    await expect(examOf(measure)).rejects.toThrow(/^x\.yaml:5:17: expected rows by which may be chosen, found \d+ of a final half, which is only scored: .*Add "part: dev"/)
  }
  expect(looksAtFinal((await examOf('{rows: schemas/notes.golden.jsonl, part: final, score_once: true}')).exam)).toBe(true)
})

test('rows that cannot be scored are told, the others asked; none at all is a mistake with its place', async () => {
  writeFileSync('rows.jsonl', `{"instruction":"show me my notes","output":"{\\"type\\":\\"command\\",\\"command\\":\\"note\\",\\"subcommand\\":\\"list\\"}"}\n{"instruction":"x"}\n`)
  const { exam, said } = await examOf('{rows: rows.jsonl}')
  expect(exam!.rows).toHaveLength(1)
  expect(said).toEqual([expect.stringMatching(/^rows\.jsonl:2: not scored: /)])
  await expect(examOf('{rows: none.jsonl}')).rejects.toThrow(/^x\.yaml:5:17: none\.jsonl/)
  await expect(examOf('{rows: rows.jsonl, part: dev}')).rejects.toThrow(/^x\.yaml:5:35: expected rows with "part": "dev"/)
})
