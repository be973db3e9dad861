import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { InputError } from '../../../src/errors.ts'
import { loadPredictor } from '../../../src/inference/predictor.ts'
import { predictorProcess } from '../../../src/inference/predictor-process.ts'
import { loadPredictors } from '../../../src/inference/predictors.ts'
import { loadSchema } from '../../../src/tasks/index.ts'
import { randomModel, scratchTemplate as template } from './random-model.ts'

const schemaText = `cli_name: light
commands:
  - name: light
    subcommands:
      - name: on
        description: Switch the light on
      - name: off
        description: Switch the light off
`

test('a predictor in a process of its own answers as one beside its caller does', async () => {
  const { family, schema } = loadSchema({ name: 'light', file: 'light.yaml', text: schemaText })
  const files = { gguf: randomModel({ pieces: family.pieces(schema), context: 160 }), template, answersLike: ['{"type":"command","command":"light","subcommand":"on","args":{},"flags":[]}'] }
  const [here, elsewhere] = await Promise.all([loadPredictor({ ...files, family, schema }), predictorProcess({ ...files, name: 'light', schemaText })])
  try {
    for (const text of ['switch it on', 'größe 你好 🙂']) {
      for (const grammar of [true, false]) {
        const { latencyMs: _, ...expected } = await here.predictText(text, { grammar })
        expect(await elsewhere.predictText(text, { grammar })).toMatchObject({ ...expected, logProbability: expect.closeTo(expected.logProbability, 3), probability: expect.closeTo(expected.probability, 3) })
      }
    }
    await expect(elsewhere.predictText('on '.repeat(400))).rejects.toThrow(InputError)
    expect((await elsewhere.predictText('switch it off')).tokens).toBeGreaterThan(0)
  } finally {
    await Promise.all([here.close(), elsewhere.close()])
  }
  await expect(elsewhere.predictText('switch it on')).rejects.toThrow()
}, 60_000)

test.runIf(availableParallelism() > 1)('a small model answers thousands of questions by two processes, and none is left', async () => {
  const { family, schema } = loadSchema({ name: 'light', file: 'light.yaml', text: schemaText })
  const files = { gguf: randomModel({ pieces: family.pieces(schema), context: 160, seed: 8 }), template, name: 'light', schemaText }
  const running = async () => (await execa('pgrep', ['-f', `run-predictor.*${files.gguf}`], { reject: false })).stdout
  const [both, alone] = await Promise.all([loadPredictors(files), loadPredictor({ ...files, family, schema })])
  try {
    expect(await running()).not.toBe('')
    const texts = ['switch it on', 'off with it', 'light', 'dark', 'no light here'] as const
    const answers = await Promise.all(texts.map((text) => both.predict(text, null)))
    for (const [index, text] of texts.entries()) expect(answers[index]!.completion).toBe((await alone.predict(text, null)).completion)
  } finally {
    await Promise.all([both.close(), alone.close()])
  }
  expect(await running()).toBe('')
}, 60_000)

test('it ends with the process that started it, however that one ended', async () => {
  const { family, schema } = loadSchema({ name: 'light', file: 'light.yaml', text: schemaText })
  const files = { gguf: randomModel({ pieces: family.pieces(schema), context: 160, seed: 7 }), template, answersLike: [], name: 'light', schemaText }
  const source = new URL('../../../src/inference/predictor-process.ts', import.meta.url)
  const parent = execa(process.execPath, ['--input-type=module', '-e', `import { predictorProcess } from ${JSON.stringify(source.href)}; await predictorProcess(${JSON.stringify(files)}); console.log('ready'); setInterval(() => {}, 1000)`], { reject: false, stderr: 'ignore' })
  const running = async () => (await execa('pgrep', ['-f', `run-predictor.*${files.gguf}`], { reject: false })).stdout
  await once(parent.stdout, 'data')
  expect(await running()).not.toBe('')
  parent.kill('SIGKILL')
  await expect.poll(running, { timeout: 5000 }).toBe('')
  await parent
}, 60_000)

test('what it cannot load is refused with the words of the predictor', async () => {
  const gguf = join(mkdtempSync(join(tmpdir(), 'clitron-predictor-')), 'model.gguf')
  writeFileSync(gguf, 'not a model')
  await expect(predictorProcess({ gguf, template, answersLike: [], name: 'light', schemaText })).rejects.toThrow(/Expected a GGUF model at .*model\.gguf/)
}, 60_000)
