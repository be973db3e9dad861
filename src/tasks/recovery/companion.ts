import type { Companion } from '../family.ts'
import { isCommand, readAnswer } from './answer.ts'
import { classifierPhases, phasesOf, scheduleOf } from './phases.ts'
import type { RecoverySchema } from './schema.ts'

/** To tell some intents apart takes a fifth of what a whole command takes, and an eighth of the time. */
const shape = { layers: 'ca', hidden_size: 64, intermediate_size: 192, num_attention_heads: 2, vocab_size: 512 }

/** The document's intent classifier: what people want by a request. Questions back and recoveries want nothing of the system. */
export function companion(schema: RecoverySchema): Companion {
  const stages = classifierPhases(schema)
  return {
    name: 'intent',
    title: 'Intent classifier',
    labels: Object.keys(schema.intents),
    labelOf: (output) => {
      const { answer } = readAnswer(output)
      return answer && isCommand(answer) ? answer.command.intent : null
    },
    systemText: `You tell what people want of ${schema.name}. Answer with one line of JSON, {"intent": …}: ${Object.entries(schema.intents).map(([name, what]) => `${name} (${what})`).join(', ')}; null where an error is to be recovered from, and where the request is ambiguous, incomplete or off-topic.`,
    phases: phasesOf(schema, stages).map((phase, at) => ({
      ...phase,
      scratch: {
        model: shape,
        // No value stands in a label that fresh ones could be exchanged for.
        training: { batch_size: stages[at]!.batch_size, label_smoothing: stages[at]!.label_smoothing, relexicalise: 0 },
        schedule: scheduleOf(schema, stages, at),
      },
    })),
  }
}
