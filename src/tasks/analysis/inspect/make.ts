import { Random } from '../../../teacher/random.ts'
import { plan } from '../plan.ts'
import type { AnalysisSchema } from '../schema.ts'
import { writeBatch, type Kind, type WrittenBatch } from '../offline.ts'
import { summaryText } from '../summary.ts'

export interface MadeFile { file: string; content: string }

/** Batch files with known truth, one a batch, and at last the truth as a file of analyses; the same for the same seed. */
export function* makeFolder(schema: AnalysisSchema, { count, seed }: { count: number; seed: number }): Generator<MadeFile> {
  const width = Math.max(4, String(count).length)
  const truths: string[] = []
  const shuffled = new Random(`${seed}/folder`).shuffle(plan(schema, { count, seed }))
  for (const [index, brief] of shuffled.entries()) {
    const id = String(index + 1).padStart(width, '0')
    const made = writeBatch(schema, { event: brief.slice.event!, kind: brief.slice.kind as Kind, id }, new Random(`${seed}/folder/${brief.key}`))
    yield { file: `batch_${id}.json`, content: `${JSON.stringify(made.batch, null, 1)}\n` }
    truths.push(JSON.stringify(analysisOf(schema, id, made)))
  }
  yield { file: 'analysis.json', content: `[\n${truths.join(',\n')}\n]\n` }
}

/** The truth in the words of an analysis. */
function analysisOf(schema: AnalysisSchema, id: string, { text, analysis }: WrittenBatch): Record<string, unknown> {
  const { state, priority, entities = {}, actions = [] } = analysis
  const lines = text.split('\n')
  return {
    batch_id: id,
    analysis: {
      workflow_state: state, priority, summary: summaryText(schema, analysis), entities, action_items: actions,
      reasoning: [`The batch has ${lines.length} mail${lines.length > 1 ? 's' : ''} that can be read.`, ...lines.map((line, i) => `Mail ${i + 1}: ${line}`), `The newest one leaves the matter at ${state}, with the priority ${priority}.`],
    },
  }
}
