import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Row } from '../../../../src/dataset/row.ts'
import type { Step, Workflow } from '../../../../src/tasks/workflow/document.ts'
import { parse } from '../../../../src/tasks/workflow/parse.ts'

const schemas = resolve(import.meta.dirname, '../../../../schemas')
export const text = readFileSync(resolve(schemas, 'tamarind.yaml'), 'utf8')
export const parsed = (yaml: string) => parse({ name: 'tamarind', file: 'tamarind.yaml', text: yaml })
export const tamarind = parsed(text)
export const golden = readFileSync(resolve(schemas, 'tamarind.golden.jsonl'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>)

export const step = (action: string, parameters: Record<string, unknown> = {}, conditions?: string[]): Step => ({ action, parameters, ...(conditions && { conditions }) })
export const workflow = (...steps: Step[]): Workflow => ({ steps })
export const row = (instruction: string, output: unknown, context: Row['context'] = null): Row => ({ instruction, context, output: typeof output === 'string' ? output : JSON.stringify(output) })
