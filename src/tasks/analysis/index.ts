import { fold } from '../../dataset/text.ts'
import type { TaskFamily } from '../family.ts'
import { readGates } from '../gates.ts'
import { answerProblems, completion, readAnswer, target } from './answer.ts'
import { copiedValues } from './copied-values.ts'
import { coverable, coverage } from './coverage.ts'
import { phasesOf } from './curriculum.ts'
import { doubts } from './doubts.ts'
import { reinforce } from './feedback.ts'
import { fromForeign } from './foreign.ts'
import { copyingGrammar, grammar } from './grammar.ts'
import { inspectFolder } from './inspect/index.ts'
import { makeFolder } from './inspect/make.ts'
import { nearMisses } from './near-misses.ts'
import { writeOffline } from './offline.ts'
import { outputSchema } from './output-schema.ts'
import { parse } from './parse.ts'
import { pieces } from './pieces.ts'
import { plan, usualCount } from './plan.ts'
import { figures, statesOf, type AnalysisSchema } from './schema.ts'
import { readQuestion } from './question.ts'
import { errorCategories, metrics, score } from './score.ts'
import { ratiosOf, readTrainingConfig, searchSpace, splitsOf, type TrainingConfig } from './search.ts'
import { summaryText } from './summary.ts'
import { fromTeacher, teacherRequest } from './teacher.ts'
import { systemText, userText, wordsBegin } from './user-text.ts'
import { validate } from './validate.ts'
import { variations } from './variations.ts'

/** Batches of e-mails to five tasks at once: state, priority, summary, entities, action items; or to one of them. */
export const analysis: TaskFamily<AnalysisSchema> = {
  kind: 'analysis',
  // A tenth for the test, two for validation, as the document has it.
  ratios: ratiosOf(),
  rowLength: 2.4,
  wordsBegin,
  phases: phasesOf,
  slices: ['kind', 'state', 'event', 'task'],
  searchSpace: (schema) => declared(schema, searchSpace),
  wantedCount: (schema) => declared(schema, ({ initial_dataset_size: size }) => size),
  splits: (schema) => declared(schema, splitsOf),
  parse,
  describe: (schema) => ({
    title: schema.description ?? 'Batches of e-mails',
    counts: { states: statesOf(schema).length, 'entity types': schema.entities.length, actions: schema.actions.length },
  }),
  plan,
  usualCount,
  teacherRequest,
  fromTeacher,
  writeOffline,
  reinforce,
  validate,
  fromForeign,
  fingerprint: (schema, row) => fold(userText(schema, row.instruction, row.context)),
  coverage,
  coverable,
  copiedValues,
  nearMisses,
  readQuestion,
  inspectFolder,
  makeFolder,
  userText,
  systemText,
  completion,
  target,
  grammar,
  copyingGrammar,
  doubts,
  outputSchema,
  pieces,
  score,
  metrics,
  classes: { name: 'state', of: (_, output) => readAnswer(output).answer?.state },
  errorCategories,
  gates: ({ gates }) => readGates(figures, gates),
  variations,
  augmentation: ({ augmentation }) => augmentation,
  answer: (schema, text, confidence) => {
    const { answer } = readAnswer(text)
    if (!answer) return { state: null, confidence }
    const summary = summaryText(schema, answer)
    return { ...answer, ...(summary !== undefined && { summary }), confidence }
  },
  answersAre: 'read',
  // There is nothing in it to run; it is sure or not all the same.
  executable: (schema, text) => {
    const { answer } = readAnswer(text)
    return answer !== undefined && answerProblems(schema, answer).length === 0
  },
}

/** What a schema says in its `training_config`, where it has one. */
function declared<T>({ training_config: section }: AnalysisSchema, read: (config: TrainingConfig) => T): T | undefined {
  return section === undefined ? undefined : read(readTrainingConfig(section).config!)
}
