import type { TaskFamily } from '../family.ts'
import { readGates } from '../gates.ts'
import { normalise } from '../normalise.ts'
import { alternatives } from './alternatives.ts'
import { readAnswer, type Answer } from './answer.ts'
import { clarificationCase, completion, target } from './completion.ts'
import { collectContext } from './context.ts'
import { copiedValues } from './copied-values.ts'
import { copyingGrammar } from './copying.ts'
import { coverable, coverage } from './coverage.ts'
import { doubts } from './doubts.ts'
import { fromForeign } from './foreign.ts'
import { grammar } from './grammar.ts'
import { nearMisses } from './near-misses.ts'
import { writeOffline } from './offline.ts'
import { outputSchema } from './output-schema.ts'
import { parse } from './parse.ts'
import { pieces } from './pieces.ts'
import { plan, usualCount } from './plan.ts'
import { otherReading } from './reading.ts'
import { leaves, type CliSchema } from './schema.ts'
import { systemText } from './schema-text.ts'
import { score } from './score.ts'
import { renderLine } from './shell.ts'
import { fromTeacher, teacherRequest } from './teacher.ts'
import { userText } from './user-text.ts'
import { validate } from './validate.ts'
import { variations } from './variations.ts'

/** Requests to commands of one program (Clitron's own kind). */
export const cli: TaskFamily<CliSchema> = {
  kind: 'cli',
  slices: ['command', 'case', 'context', 'phrasing', 'arguments'],
  parse,
  describe: (schema) => ({
    title: schema.description ?? schema.cli_name,
    counts: {
      commands: schema.commands.length,
      subcommands: leaves(schema).length,
      arguments: leaves(schema).reduce((sum, { args }) => sum + args.length, 0),
      flags: leaves(schema).reduce((sum, { flags }) => sum + flags.length, 0),
    },
  }),
  plan,
  usualCount,
  teacherRequest,
  fromTeacher,
  writeOffline,
  validate,
  fromForeign,
  fingerprint: (_schema, row) => normalise(row.instruction).toLowerCase(),
  coverage,
  coverable,
  copiedValues,
  nearMisses,
  userText,
  systemText,
  completion,
  target,
  grammar,
  copyingGrammar,
  doubts,
  otherReading,
  outputSchema,
  pieces,
  score,
  gates: ({ gates }) => readGates({}, gates),
  variations,
  augmentation: ({ augmentation }) => augmentation,
  answer: (_schema, completion, confidence) => {
    const { answer } = readAnswer(completion)
    return { ...(answer ?? { type: 'clarification', message: 'The model gave no readable answer.', suggestions: [] }), confidence }
  },
  executable: (schema, completion) => allowedCommand(schema, completion) !== undefined,
  clarificationCase: (schema, completion) => clarificationCase(schema, { output: completion }),
  commandLine: (schema, completion) => {
    const command = allowedCommand(schema, completion)
    return command && renderLine(schema, command)
  },
  alternatives,
  collectContext,
}

function allowedCommand(schema: CliSchema, text: string): Extract<Answer, { type: 'command' }> | undefined {
  const { answer } = readAnswer(text)
  if (answer?.type !== 'command') return undefined
  try {
    completion(schema, text)
    return answer
  } catch {
    return undefined
  }
}
