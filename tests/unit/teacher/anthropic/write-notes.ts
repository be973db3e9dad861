/** Has 20 notes examples written by the endpoint given, as a worker would; `killed.test.ts` kills it on the way. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadSchema } from '../../../../src/tasks/index.ts'
import { anthropic } from '../../../../src/teacher/anthropic/index.ts'

const knowledge = loadSchema({ name: 'notes', file: 'notes.yaml', text: readFileSync(join(import.meta.dirname, '../../../fixtures/notes.yaml'), 'utf8') })
const briefs = knowledge.family.plan(knowledge.schema, { count: 100, seed: 1 }).slice(0, 20)
await anthropic({ model: 'claude-opus-4-5', batch: false, baseUrl: process.argv[2] }).write({ training: 'notes', ...knowledge, briefs, seed: 1, signal: new AbortController().signal, onProgress: () => {} })
