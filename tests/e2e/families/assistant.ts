import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { root } from '../workspace.ts'
import { layOut, trained, workspace } from './workspace.ts'

test('a folder of documents becomes a model that answers with passages of it, wherever it is asked', async () => {
  layOut('starweave', (rows) => rows.filter((_row, i) => i % 12 === 0))
  const missing = await workspace.json(['train', 'starweave'])
  expect(missing.document.error.message).toMatch(/schemas\/starweave\.yaml:9:11: expected a folder of documents, found no "starweave"/)
  expect(missing.exitCode).toBe(2)

  cpSync(`${root}/schemas/starweave`, workspace.path('schemas/starweave'), { recursive: true })
  writeFileSync(workspace.path('schemas/starweave/docs/latin.md'), Buffer.from([0x23, 0x20, 0xe9]))
  expect((await workspace.json(['lint', 'starweave'])).document).toMatchObject({ notes: ['docs/latin.md is left out: it is not UTF-8.'], golden: { problems: [] } })
  expect(await trained('starweave', { examples: 400, pairs: 30 })).toMatchObject({ name: 'starweave', promoted: true, model: { path: 'training/models/starweave/clitron-starweave-q4_k_m.gguf' } })
  const report = JSON.parse(readFileSync(workspace.path('training/models/starweave/report.json'), 'utf8'))
  expect(report.scores.golden).toMatchObject({ search: expect.any(Number), metrics: { 'wrongly refused': { n: expect.any(Number) }, chrF: { served: expect.any(Number) } } })

  const first = (await workspace.json(['runs', 'starweave'])).document
  expect(first).toMatchObject([{ version: 1, champion: true, configuration: { 'sft.training.steps': 40 }, data: { rows: expect.any(Number), splits: { train: expect.any(Number) } }, metrics: { golden: { 'right and grounded': expect.any(Number) } } }])

  // The model brings its documents along.
  rmSync(workspace.path('schemas/starweave'), { recursive: true })
  rmSync(workspace.path('schemas/starweave.yaml'))
  writeFileSync(workspace.path('context.json'), JSON.stringify({ history: [{ question: 'what is memory decay', answer: 'Memory decay lowers the weight of an item that nobody recalls.' }] }))
  const asked = (await workspace.json(['ask', 'starweave', 'and how do I turn it off?', '--context', 'context.json'])).document
  expect(asked).toMatchObject({ line: null, confidence: expect.any(Number) })
  for (const { file, line, text } of asked.output.sources ?? []) expect(readFileSync(`${root}/schemas/starweave/${file}`, 'utf8').split('\n').slice(line - 1).join(' ')).toContain(text.split('\n')[0].slice(0, 20))

  cpSync(`${root}/schemas/starweave.yaml`, workspace.path('schemas/starweave.yaml'))
  cpSync(`${root}/schemas/starweave`, workspace.path('schemas/starweave'), { recursive: true })
  const imported = (await workspace.json(['import', 'starweave', 'schemas/starweave/interactions.jsonl'])).document
  expect(imported).toMatchObject({ accepted: 14, rejected: [] })
})
