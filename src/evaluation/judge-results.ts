import { z } from 'zod'
import { criterionNames, type Criterion } from './rubric.ts'

const Rate = z.object({
  /** 0 to 1; null where no row was judged. */
  rate: z.number().nullable(),
  /** Wilson, 95%. */
  interval: z.tuple([z.number(), z.number()]),
})
export type Rate = z.infer<typeof Rate>

const Opinion = z.object({ verdict: z.enum(['pass', 'fail']), reason: z.string() })
const ofCriteria = <T extends z.ZodType>(each: T) => z.object(Object.fromEntries(criterionNames.map((name) => [name, each])) as Record<Criterion, T>)

/** A row on which the judge and the program's own measure differ, with the judge's reasons. Never one of a golden set's final half. */
export const Disagreement = z.object({
  instruction: z.string(),
  context: z.record(z.string(), z.unknown()).nullable(),
  expected: z.string(),
  got: z.string(),
  criteria: ofCriteria(Opinion),
})
export type Disagreement = z.infer<typeof Disagreement>

/** What a paid judge makes of a random sample of the answers to one set of rows. */
export const JudgedSet = z.object({
  judge: z.string(),
  rubric: z.int(),
  seed: z.int(),
  /** Of the set; `sampled` of them the judge was asked about, and `judged` of these have a verdict. */
  rows: z.int(),
  sampled: z.int(),
  judged: z.int(),
  /** Why the others have none, each with how many. */
  not_judged: z.record(z.string(), z.int()),
  /** Answers that pass all criteria. */
  passed: Rate,
  criteria: ofCriteria(Rate),
  /** The same answers by the program's own measure. */
  equivalent: Rate,
  agreement: z.object({ both_right: z.int(), only_judge: z.int(), only_program: z.int(), both_wrong: z.int(), share: z.number().nullable(), kappa: z.number().nullable() }),
  /** Some of `only_program` and of `only_judge`. */
  counted_right_judged_wrong: z.array(Disagreement),
  counted_wrong_judged_right: z.array(Disagreement),
  calls: z.int(),
  /** What these judgements cost, whenever they were bought, and what of it was paid this time. */
  dollars: z.number(),
  paid_now: z.number(),
})
export type JudgedSet = z.infer<typeof JudgedSet>

/** The content of judge.json: by set of rows. */
export const JudgeResults = z.object({
  name: z.string(),
  created: z.string(),
  command: z.string(),
  /** What answered. */
  model: z.object({ path: z.string(), bytes: z.int() }),
  sets: z.record(z.string(), JudgedSet),
})
export type JudgeResults = z.infer<typeof JudgeResults>
