// Is the GGUF the trained model, and does the quantized file answer? `node ask-gguf.ts FOLDER NAME QUANT`, FOLDER as trainers/quantize.py leaves it.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { checkParity } from '../../src/inference/parity.ts'
import { loadPredictor } from '../../src/inference/predictor.ts'
import { PromptTemplate } from '../../src/inference/template.ts'
import { loadSchema } from '../../src/tasks/index.ts'

const [folder, name, quant] = process.argv.slice(2) as [string, string, string]
const file = resolve(import.meta.dirname, '../fixtures/notes.yaml')
const task = loadSchema({ name: 'notes', file, text: readFileSync(file, 'utf8') })
const template = PromptTemplate.parse(JSON.parse(readFileSync(join(folder, 'prompt_template.json'), 'utf8')))
const load = (type: string) => loadPredictor({ gguf: join(folder, `clitron-${name}-${type}.gguf`), template, ...task })

const full = await load('f16')
const parity = await checkParity(join(folder, 'parity.jsonl'), full)
await full.close()
const quantized = await load(quant)
const answer = await quantized.predict('delete note 12', null)
const valid = task.family.answer(task.schema, answer.completion, 1)
await quantized.close()
process.stdout.write(`${JSON.stringify({ parity, answer, valid })}\n`)
