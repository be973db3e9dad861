import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { workspace } from './workspace.ts'

const parameters = { type: 'object', properties: { item: { type: 'string', examples: ['tea', 'rice', 'soap', 'milk', 'salt', 'eggs'] }, count: { type: 'integer', minimum: 1 }, shelf: { enum: ['top', 'middle', 'bottom'], default: 'top' } }, required: ['item'] }
const list = { tools: [{ name: 'store_item', description: 'Put something on a shelf', inputSchema: parameters }, { name: 'find_item', description: 'Find something', inputSchema: { type: 'object', properties: { item: { type: 'string' } }, required: ['item'] } }, { name: 'list_shelves', description: 'List the shelves', inputSchema: { type: 'object' } }] }

test('what an MCP server lists becomes a model that answers with its calls', async () => {
  writeFileSync(workspace.path('list.json'), JSON.stringify(list))
  expect((await workspace.json(['init', 'shelf', '--from-tools', 'list.json'])).exitCode).toBe(0)
  const { exitCode, document, stderr } = await workspace.json(['train', 'shelf', '--num', '200', '--pairs', '30'])
  expect(exitCode, stderr).toBe(0)
  expect(document).toMatchObject({ name: 'shelf', promoted: true, model: { path: 'training/models/shelf/clitron-shelf-q4_k_m.gguf' } })
  expect(existsSync(workspace.path('training/models/shelf/report.html'))).toBe(true)

  const asked = await workspace.json(['ask', 'shelf', 'list the shelves'])
  expect(asked.document).toMatchObject({ line: null, confidence: expect.any(Number), action: expect.stringMatching(/^(execute|confirm|clarify|ask)$/) })
  const { output } = asked.document
  if (output.name !== undefined) expect(list.tools.map(({ name }) => name)).toContain(output.name)
  else expect(output.type).toBe('clarification')

  writeFileSync(workspace.path('rows.jsonl'), `${JSON.stringify({ question: 'put 3 tea on the bottom shelf', answer: JSON.stringify({ name: 'store_item', arguments: { item: 'tea', count: 3, shelf: 'bottom' } }) })}\n`)
  expect((await workspace.json(['eval', 'shelf', '--data', 'rows.jsonl'])).document).toMatchObject({ n: 1, allowed: expect.any(Number) })
  expect((await workspace.json(['import', 'shelf', 'rows.jsonl'])).document).toMatchObject({ accepted: 1, rejected: [] })
})

test('a search tries settings on the data that are there, says which is best, and is not done twice', async () => {
  const ask = () => workspace.json(['search', 'shelf', '--num', '200', '--vary', 'training.steps=16', '--vary', 'training.muon_learning_rate=0.01,0.0001'])
  const { exitCode, document, stderr } = await ask()
  expect(exitCode, stderr).toBe(0)
  expect(document.trials).toMatchObject([{ number: 1, setting: { 'training.steps': 16, 'training.muon_learning_rate': 0.0001 }, varies: [] }, { number: 2, varies: ['training.muon_learning_rate'] }])
  for (const { curve } of document.trials) expect(curve).toHaveLength(8)
  for (const trial of document.trials) expect(trial).toMatchObject({ parameters: trial.trainable_parameters, tokens_per_second: expect.any(Number) })
  // The rate that hardly moves anything learns less in so few steps.
  expect(document.best).toMatchObject({ trial: 2, setting: { 'training.muon_learning_rate': 0.01 }, validation_loss: document.trials[1].curve.at(-1) })
  expect(JSON.parse(readFileSync(workspace.path('training/models/shelf/hyperparameter_results.json'), 'utf8'))).toEqual(document)
  expect((await ask()).document).toEqual(document)
  expect((await workspace.json(['search', 'shelf', '--vary', 'training.step=1'])).document.error.message).toContain('did you mean "steps"?')
})

test('the data that made the model is laid out for git', async () => {
  const { document } = await workspace.json(['export', 'shelf', 'shelf-data'])
  expect(document).toMatchObject({ lineage: { sources: { offline: expect.any(Number) } }, usage: [{ version: 1, champion: true }], performance: { test: { version: 1 } } })
  expect(readFileSync(workspace.path('shelf-data/data/train.jsonl'), 'utf8').trim().split('\n')).toHaveLength(document.statistics.splits.train)
  expect(readFileSync(workspace.path('shelf-data/MODEL.md'), 'utf8')).toContain('# shelf')
})
