import type { TaskFamily } from '../family.ts'
import { readGates } from '../gates.ts'
import { normalise } from '../normalise.ts'
import { alternatives as alternativeCalls } from '../tools/alternatives.ts'
import { clarificationCase } from '../tools/completion.ts'
import { parametersOf } from '../tools/schema.ts'
import { otherReading } from '../tools/doubts.ts'
import { callOf, checkAnswer, isCommand, isRecovery, readAnswer } from './answer.ts'
import { answered } from './answered.ts'
import { companion } from './companion.ts'
import { completion, normalizedInput } from './completion.ts'
import { failedCommand } from './context.ts'
import { copiedValues } from './copied-values.ts'
import { coverable, coverage } from './coverage.ts'
import { doubts } from './doubts.ts'
import { fromForeign } from './foreign.ts'
import { copyingGrammar, grammar } from './grammar.ts'
import { nearMisses } from './near-misses.ts'
import { writeOffline } from './offline.ts'
import { otherContexts } from './other-contexts.ts'
import { outputSchema } from './output-schema.ts'
import { parse } from './parse.ts'
import { mostSteps, phasesOf, predictorPhases, stepsNote } from './phases.ts'
import { pieces } from './pieces.ts'
import { augmentationRules, plan, usualCount } from './plan.ts'
import { quality } from './quality.ts'
import { annotationRules, toRecord } from './records.ts'
import { figures, type RecoverySchema } from './schema.ts'
import { metrics, score } from './score.ts'
import { derivedSlices, sliceNames } from './slices.ts'
import { fromTeacher, teacherRequest } from './teacher.ts'
import { systemText, userText } from './user-text.ts'
import { validate } from './validate.ts'
import { variations } from './variations.ts'

/** Commands in words to what they mean, and failed commands to what caused it and what helps. */
export const recovery: TaskFamily<RecoverySchema> = {
  kind: 'recovery',
  // The document's 70/15/15; a part of the validation rows calibrates the confidence.
  ratios: { train: 0.7, validation: 0.1, calibration: 0.05, test: 0.15 },
  // Requests without values of their own ("list the idle sessions") read alike: a whole status must not be missing in training.
  groupShare: 0.02,
  slices: sliceNames,
  parse,
  describe: ({ name, description, commands, causes, steps }) => ({
    title: description || name,
    counts: { commands: commands.tools.length, parameters: commands.tools.reduce((sum, tool) => sum + parametersOf(tool).size, 0), 'error causes': causes.length, 'recovery steps': steps.tools.length },
  }),
  notes: (schema) => [stepsNote(schema)],
  guidelines: (schema) => ({ annotation: annotationRules(schema), augmentation: augmentationRules() }),
  // From scratch the predictor has the rates of scratch_config.yaml, as every kind of task.
  phases: (schema) => phasesOf(schema, predictorPhases(schema)).map((phase, at, { length }) => ({ ...phase, ...(at < length - 1 && { scratch: { training: { decay: 0 } } }) })),
  mostSteps,
  companion,
  plan,
  usualCount,
  teacherRequest,
  fromTeacher,
  writeOffline,
  validate,
  quality,
  fromForeign,
  toRecord,
  // Many programs print the same for many commands.
  fingerprint: (_schema, { instruction, context }) => {
    const failed = failedCommand(context)
    return normalise(failed ? `${instruction} ${normalizedInput(failed)}` : instruction).toLowerCase()
  },
  coverage,
  coverable,
  copiedValues,
  otherContexts,
  derivedSlices,
  nearMisses,
  userText,
  systemText,
  completion,
  // Keys have one order, and steps happen in theirs: there is nothing to choose.
  target: completion,
  grammar,
  copyingGrammar,
  doubts,
  // What a program printed is spelt as it is meant.
  otherReading: (schema, text) => (text.includes('\nfailed {') ? undefined : otherReading(schema.commands, text)),
  outputSchema,
  pieces,
  score,
  metrics,
  gates: ({ gates }) => readGates(figures, gates),
  variations,
  augmentation: ({ augmentation }) => augmentation,
  answer: answered,
  // A command may be run without asking; a recovery is advice.
  executable: (schema, text) => {
    const { answer } = readAnswer(text)
    return answer !== undefined && isCommand(answer) && checkAnswer(schema, answer).length === 0
  },
  clarificationCase: (_schema, text) => clarificationCase({ output: text }),
  alternatives: ({ commands }, text, instruction) => {
    const { answer } = readAnswer(text)
    return answer && !isRecovery(answer) ? alternativeCalls(commands, JSON.stringify(isCommand(answer) ? callOf(answer.command) : answer), instruction) : []
  },
}
