import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Row } from '../../../../src/dataset/row.ts'
import { analysis as family } from '../../../../src/tasks/analysis/index.ts'
import { readBatch } from '../../../../src/tasks/analysis/batch.ts'
import { parse } from '../../../../src/tasks/analysis/parse.ts'
import { rendered } from '../../../../src/tasks/analysis/user-text.ts'

const schemas = resolve(import.meta.dirname, '../../../../schemas')
export const text = readFileSync(resolve(schemas, 'email-batches.yaml'), 'utf8')
export const schema = parse({ name: 'email-batches', file: 'email-batches.yaml', text })
export const golden = readFileSync(resolve(schemas, 'email-batches.golden.jsonl'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, any>)

export const mail = (body: string, more: Record<string, unknown> = {}) => ({ from: 'Dana Whitfield <dana@norvik.example>', subject: 'PO-4471', body, ...more })
export const shown = (...emails: unknown[]): string => rendered(schema, readBatch({ emails }))

/** An order with an open action, in which every value stands. */
export const order = {
  state: 'orders/start', priority: 'high', summary: { pattern: 'order_placed' },
  entities: { order: ['PO-4471'], part: ['MX-220'], quantity: ['40'], date: ['Friday'], person: ['Dana Whitfield'] },
  actions: [{ kind: 'confirm_order', who: 'Tom', what: 'PO-4471', when: 'Friday' }],
}
export const orderText = 'Dana Whitfield | PO-4471 | Hi Tom, please book 40 MX-220 and confirm it by Friday.'

export const row = (output: unknown, instruction = orderText, context: Row['context'] = null): Row => ({ instruction, context, output: JSON.stringify(output) })
export const taught = (count: number, seed = 3): Row[] => family.plan(schema, { count, seed }).map((brief) => family.writeOffline(schema, brief, seed))
