import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { load } from '../../src/index.ts'
import { loadAsker } from '../../src/inference/ask.ts'
import { histories, leaks } from '../security/search.ts'
import { processes, until, Workspace } from './workspace.ts'

const weights = (workspace: Workspace, stage: string) => createHash('sha256').update(readFileSync(workspace.path('training/models/notes', stage, 'model.safetensors'))).digest('hex')
const size = ['--num', '350', '--pairs', '40']

// Of no known form, so that only its value can give it away.
const planted = { ANTHROPIC_API_KEY: `teacher-${randomBytes(12).toString('hex')}`, HF_TOKEN: `hub-${randomBytes(12).toString('hex')}`, CLITRON_CANARY: 'canary-of-the-environment' }
const codecKey = randomBytes(32)
const row = 'canary-of-a-golden-row'

/** Rows reach no history, encoded or not; nothing of a worker's environment reaches any file. */
function holdsNothingSecret({ folder }: Workspace): void {
  // Where it belongs, it is found.
  expect(leaks(folder, { row }, /^\.clitron\/store\//)).not.toEqual([])
  expect(leaks(folder, { row }, histories)).toEqual([])
  expect(leaks(folder, { ...planted, codecKey, base64: codecKey.toString('base64') })).toEqual([])
}

/** A workspace in which every place holds something that must not leave it. */
function secretive(environment: Record<string, string> = {}): Workspace {
  const workspace = new Workspace()
  Object.assign(workspace.environment, planted, environment)
  const golden = workspace.path('schemas/notes.golden.jsonl')
  writeFileSync(golden, readFileSync(golden, 'utf8').replace('"instruction":"', `"instruction":"${row} `))
  return workspace
}

describe('one YAML to one served-ready model', () => {
  const workspace = secretive({ CLITRON_CODEC_KEY: codecKey.toString('base64') })
  let trained: any
  beforeAll(async () => {
    const { exitCode, document, stderr } = await workspace.json(['train', 'notes', ...size])
    expect(exitCode, stderr).toBe(0)
    trained = document
  })
  afterAll(() => workspace.remove())

  test('the train tells what it made and how good it is', () => {
    expect(trained).toMatchObject({ name: 'notes', up_to_date: false, dollars: 0, promoted: true, model: { path: 'training/models/notes/clitron-notes-q4_k_m.gguf' } })
    expect(trained.model.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(trained.scores.test.n).toBeGreaterThan(20)
    expect(trained.scores.golden.n).toBe(30)
  })

  test("every file of the specification's layout is there", () => {
    for (const file of ['train.jsonl', 'train_val.jsonl', 'train_test.jsonl', 'train_calibration.jsonl', 'preferences.jsonl', 'rejected.jsonl', 'dataset.json', 'DATASET.md']) expect(existsSync(workspace.path('training/data/notes', file)), file).toBe(true)
    for (const file of ['sft', 'dpo', 'clitron-notes-q4_k_m.gguf', 'report.html', 'report.json', 'training_metrics.json', 'error_analysis_report.json', 'MODEL.md', 'Modelfile', 'versions']) expect(existsSync(workspace.path('training/models/notes', file)), file).toBe(true)
  })

  test('the same command again finds all up to date', async () => {
    const { exitCode, document } = await workspace.json(['train', 'notes', ...size])
    expect(exitCode).toBe(0)
    expect(document).toMatchObject({ up_to_date: true, model: trained.model })
  })

  test('a single stage lays out what it made, apart from the files of the champion', async () => {
    const { exitCode, document } = await workspace.json(['quantize', 'notes', ...size])
    expect(exitCode).toBe(0)
    expect(document).toMatchObject({ up_to_date: true, folders: ['training/data/notes', 'training/models/notes/stages/quantize'] })
    expect(readFileSync(workspace.path('training/models/notes/stages/quantize/clitron-notes-q4_k_m.gguf')).subarray(0, 4).toString()).toBe('GGUF')
  })

  test('a question gets an answer that the schema allows, with a line and a confidence', async () => {
    const { document } = await workspace.json(['ask', 'notes', 'delete note 12', '--no-context'])
    expect(['command', 'clarification']).toContain(document.output.type)
    expect(document.confidence).toBeGreaterThanOrEqual(0)
    expect(document.confidence).toBeLessThanOrEqual(1)
    expect(['execute', 'confirm', 'clarify', 'ask']).toContain(document.action)
    expect(document.latency_ms).toBeGreaterThan(0)
  })

  test('rows of a file are scored in their own form', async () => {
    const { exitCode, document } = await workspace.json(['eval', 'notes', '--data', 'schemas/notes.golden.jsonl'])
    expect(exitCode).toBe(0)
    expect(document).toMatchObject({ n: 30, interval: [expect.any(Number), expect.any(Number)], latency_ms: { p50: expect.any(Number), p95: expect.any(Number) } })
  })

  test('the bundle answers elsewhere, through the package', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'clitron-bundle-'))
    const model = await load(workspace.path('training/models/notes/clitron-notes.tgz'))
    try {
      process.chdir(elsewhere)
      const answer = await model.ask('delete note 12')
      expect(answer.output).toBeTruthy()
    } finally {
      process.chdir(import.meta.dirname)
      await model.close()
    }
  })

  test('the model is laid out for production and answers there as it was evaluated; a file that is cut is found', async () => {
    const { exitCode, document, stderr } = await workspace.json(['package', 'notes', 'production_model', '--seconds', '1'])
    expect(exitCode, stderr).toBe(0)
    expect(document).toMatchObject({ name: 'notes', version: 1, load_test: [{ at_once: 1 }, { at_once: 4 }] })
    expect(document.smoke_test.recorded).toBeGreaterThan(10)
    expect(document.smoke_test.alike).toBe(document.smoke_test.recorded)
    for (const file of ['model_weights/clitron-notes-q4_k_m.gguf', 'tokenizer/tokenizer.json', 'api_documentation.md', 'deployment_guide.md', 'monitoring_setup.json', 'performance.json', 'rollback_procedure.md']) expect(existsSync(workspace.path('production_model', file)), file).toBe(true)

    const grammar = workspace.path('production_model/model_weights/grammar.gbnf')
    writeFileSync(grammar, readFileSync(grammar).subarray(0, 200))
    const cut = await workspace.json(['package', 'notes', 'production_model', '--check'])
    expect(cut).toMatchObject({ exitCode: 3, document: { error: { type: 'GateNotPassed', message: expect.stringContaining('model_weights/grammar.gbnf is not the file that was packed') } } })
  })

  test('what its stages brought stands on a page, with intervals', async () => {
    const { exitCode, document } = await workspace.json(['runs', 'notes', '--best-practices', 'best_practices.md'])
    expect(exitCode).toBe(0)
    expect(document.found.map(({ what }: { what: string }) => what)).toContain('preference tuning')
    expect(readFileSync(workspace.path('best_practices.md'), 'utf8')).toContain('`npx clitron train notes --rounds 3`')
  })

  test('what is called the answer of free decoding is what free decoding answers', async () => {
    const { predictor, close } = await loadAsker(workspace.path('training/models/notes'))
    try {
      const rows = readFileSync(workspace.path('training/data/notes/train_test.jsonl'), 'utf8').trim().split('\n').slice(0, 40).map((line) => JSON.parse(line))
      const known = []
      for (const { instruction, context } of rows) {
        const { alone } = await predictor.predict(instruction, context)
        if (alone) known.push([alone, await predictor.predict(instruction, context, { grammar: false })] as const)
      }
      expect(known.length).toBeGreaterThan(0)
      for (const [alone, free] of known) expect(free).toMatchObject(alone)
    } finally {
      await close()
    }
  })

  test('no file of the whole train holds a secret, and no history a row', () => {
    holdsNothingSecret(workspace)
    expect(leaks(workspace.folder, { option: '"pairs":40' }, histories)).toEqual([])
  })

  test('no held-out question stands in the training rows', () => {
    const read = (file: string) => readFileSync(workspace.path('training/data/notes', file), 'utf8').trim().split('\n').map((line) => JSON.parse(line))
    const trainedOn = new Set(read('train.jsonl').map((row) => `${row.instruction.toLowerCase()}\n${JSON.stringify(row.context)}`))
    for (const file of ['train_val.jsonl', 'train_calibration.jsonl', 'train_test.jsonl']) for (const row of read(file)) expect(trainedOn.has(`${row.instruction.toLowerCase()}\n${JSON.stringify(row.context)}`)).toBe(false)
  })

  test('server, worker and trainer killed in the middle of a training: the run ends unaided with the same model', async () => {
    const disturbed = secretive()
    try {
      const run = disturbed.json(['train', 'notes', ...size])
      const trainers = await until('a trainer is at work', 240, async () => {
        const found = await processes(new RegExp(`sft\\.py ${disturbed.folder}`))
        const progressed = found.length > 0 && existsSync(disturbed.path('.clitron/work/notes')) && (await disturbed.json(['status', 'notes'])).document.trainings[0].run?.live.some((live: any) => live.step > 20)
        return progressed && found
      })
      // Linux shows with what environment a process was begun.
      if (process.platform === 'linux') for (const pid of trainers) for (const secret of [planted.ANTHROPIC_API_KEY, planted.HF_TOKEN]) expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain(secret)
      const { server, worker } = disturbed.up()
      for (const pid of [...trainers, worker.pid, server.pid]) process.kill(pid, 'SIGKILL')
      const { exitCode, document, stderr } = await run
      expect(exitCode, stderr).toBe(0)
      // Stage by stage, so that a difference names where it began.
      for (const stage of ['sft', 'dpo']) expect(weights(disturbed, stage), stage).toBe(weights(workspace, stage))
      expect(document.model.sha256).toBe(trained.model.sha256)
      expect(disturbed.up().worker.pid).not.toBe(worker.pid)
      holdsNothingSecret(disturbed)
      // It has no codec's key, so what stands in its histories would be found.
      expect(leaks(disturbed.folder, { option: '"pairs":40' }, histories)).not.toEqual([])
    } finally {
      await disturbed.remove()
    }
  })
})
