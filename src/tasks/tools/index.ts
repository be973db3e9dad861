import type { TaskFamily } from '../family.ts'
import { readGates } from '../gates.ts'
import { normalise } from '../normalise.ts'
import { alternatives } from './alternatives.ts'
import { isClarification, readAnswer } from './answer.ts'
import { clarificationCase, completion } from './completion.ts'
import { copiedValues } from './copied-values.ts'
import { coverable, coverage } from './coverage.ts'
import { copyingGrammar, doubts, otherReading } from './doubts.ts'
import { fromForeign } from './foreign.ts'
import { grammar } from './grammar.ts'
import { nearMisses } from './near-misses.ts'
import { writeOffline } from './offline.ts'
import { outputSchema } from './output-schema.ts'
import { parse } from './parse.ts'
import { pieces } from './pieces.ts'
import { plan, usualCount } from './plan.ts'
import { parametersOf, type ToolsSchema } from './schema.ts'
import { systemText } from './schema-text.ts'
import { score } from './score.ts'
import { fromTeacher, teacherRequest } from './teacher.ts'
import { userText } from './user-text.ts'
import { validate } from './validate.ts'
import { variations } from './variations.ts'

/** Requests to one call of a list of functions, as APIs and MCP servers declare them. */
export const tools: TaskFamily<ToolsSchema> = {
  kind: 'tools',
  slices: ['tool', 'case', 'phrasing', 'arguments'],
  parse,
  describe: (schema) => ({
    title: schema.description || schema.name,
    counts: { tools: schema.tools.length, parameters: schema.tools.reduce((sum, tool) => sum + parametersOf(tool).size, 0) },
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
  // Schema order: the parameters of a call are few, and rows from elsewhere have them in it.
  target: completion,
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
  // A call may be made without asking; whoever asked makes it: there is no shell line for it.
  executable: (schema, text) => {
    const { answer } = readAnswer(text)
    return answer !== undefined && !isClarification(answer) && isAllowed(schema, text)
  },
  clarificationCase: (_schema, completion) => clarificationCase({ output: completion }),
  alternatives,
}

function isAllowed(schema: ToolsSchema, text: string): boolean {
  try {
    completion(schema, text)
    return true
  } catch {
    return false
  }
}
