import type { TaskFamily } from '../family.ts'
import { readGates } from '../gates.ts'
import { normalise } from '../normalise.ts'
import { answerProblems, clarificationCase, completion } from './completion.ts'
import { copiedValues } from './copied-values.ts'
import { coverable, coverage } from './coverage.ts'
import { readAnswer } from './document.ts'
import { doubts } from './doubts.ts'
import { fromForeign } from './foreign.ts'
import { copyingGrammar, grammar } from './grammar.ts'
import { nearMisses } from './near-misses.ts'
import { writeOffline } from './offline.ts'
import { outputSchema } from './output-schema.ts'
import { parse } from './parse.ts'
import { pieces } from './pieces.ts'
import { isAboutRules, plan, usualCount } from './plan.ts'
import { reinforce } from './reinforce.ts'
import { figures, type WorkflowSchema } from './schema.ts'
import { metrics, score } from './score.ts'
import { fromTeacher, teacherRequest } from './teacher.ts'
import { systemText, userText } from './user-text.ts'
import { validate } from './validate.ts'
import { variations } from './variations.ts'

/** Requests to workflows over tables, in a language that its YAML declares. */
export const workflow: TaskFamily<WorkflowSchema> = {
  kind: 'workflow',
  // A tenth each for validation and test; half of the first is kept for calibrating the confidence.
  ratios: { train: 0.8, validation: 0.05, calibration: 0.05, test: 0.1 },
  // First the language, by questions about its rules; then what people want of it, and the rules again lest they are forgotten.
  phases: () => [
    { name: 'specification', title: 'Phase 1: the rules', share: 0.02, takes: ({ slice }) => isAboutRules(slice?.kind), elseAll: true, scratch: { training: { decay: 0 } }, downloaded: { training: { lr_scheduler_type: 'constant_with_warmup' } } },
    { name: 'workflows', title: 'Phase 2: requests to workflows', share: 0.98, takes: () => true },
  ],
  slices: ['kind', 'action', 'steps', 'metadata', 'phrasing'],
  parse,
  describe: (schema) => ({
    title: schema.description ?? `${schema.language} workflows`,
    counts: { actions: schema.actions.length, parameters: schema.actions.reduce((sum, { parameters }) => sum + parameters.length, 0), rules: schema.rules.length },
  }),
  plan,
  usualCount,
  teacherRequest,
  fromTeacher,
  writeOffline,
  reinforce,
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
  // What stands first in a workflow happens first, and keys have one order: there is nothing to choose.
  target: completion,
  grammar,
  copyingGrammar,
  doubts,
  outputSchema,
  pieces,
  score,
  metrics,
  gates: ({ gates }) => readGates(figures, gates),
  variations,
  augmentation: ({ augmentation }) => augmentation,
  answer: (_schema, text, confidence) => {
    const { answer } = readAnswer(text)
    return { ...(answer?.workflow ?? answer ?? { response: 'The model gave no readable answer.' }), confidence }
  },
  executable: (schema, text) => {
    const { answer } = readAnswer(text)
    return answer?.workflow !== undefined && answerProblems(schema, answer).length === 0
  },
  clarificationCase,
}
