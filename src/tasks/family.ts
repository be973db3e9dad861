import type { Hooks } from '../dataset/hooks.ts'
import type { CopiedValue, Row } from '../dataset/row.ts'
import type { Space } from '../search/trials.ts'
import type { Augmentation } from './augment/section.ts'
import type { Variations } from './augment/variation.ts'
import type { SchemaGates } from './gates.ts'
import type { Inspection } from './inspection.ts'

/** What a person may choose. */
export interface Suggestion {
  label: string
  command: string
  subcommand?: string | null | undefined
}

/** A command as a process takes it, and as a shell line shows it. */
export interface CommandLine {
  argv: string[]
  line: string
  /** So many words at the end of `argv` are a command that the program hands on to another: options among them are that one's. */
  handedOn: number
}

/** YAML text with the name people know it by, for messages. */
export interface SchemaSource {
  /** The training's name, e.g. "gh". */
  name: string
  /** Path as shown in messages, e.g. "schemas/gh.yaml". */
  file: string
  text: string
}

/** One thing the teacher is asked to write: a deterministic cell of the coverage plan. */
export interface Brief {
  /** Position in the plan, 0-based; also the random stream of the offline teacher. */
  index: number
  /** Hash over everything this example depends on: family version, seed, cell, and the part of the schema it touches. An unchanged key is an unchanged example. */
  key: string
  /** What is asked for, as strings: the row's `slice` is this. For cli: command ("pr view"), case, context, phrasing, arguments. */
  slice: Record<string, string>
}

/** Why a row was not accepted; `rule` is counted in statistics. */
export interface Problem {
  rule: 'json' | 'shape' | 'schema' | 'type' | 'required' | 'value' | 'context' | 'diversity' | 'language' | 'order' | 'secret'
  message: string
}

/** The ladder of evaluation.md for one prediction. Each rung implies the ones before it. */
export interface Score {
  valid: boolean
  allowed: boolean
  equivalent: boolean
  /** Named category of the error, absent when equivalent: e.g. "wrong command", "missing required", "value error: copied wrong". */
  error?: string
}

/** A figure that a dataset must reach before it is trained on, 0 to 1. */
export interface QualityCheck {
  name: string
  /** How it is measured, in a word. */
  method: string
  value: number
  least: number
  /** The first row by which it is not 1. */
  example?: string | undefined
}

/** What a paid teacher is sent for one group of briefs. `system` is the same for all groups, so that it can be cached. */
export interface TeacherRequest {
  system: string
  user: string
  /** Flat JSON Schema for structured output: closed objects, small. */
  format: Record<string, unknown>
}

/** A part of the training with rows of its own. */
export interface Phase {
  /** The stage's name, e.g. "specification"; also in file names. The last one's stage is "sft". */
  name: string
  /** As people see it in a run's stages. */
  title: string
  /** Of the steps or epochs that are configured; those of all phases add up to 1. */
  share: number
  /** The training rows that it learns from. */
  takes(row: Row): boolean
  /** It learns from all training rows where it takes none: people's own need not have any for it. */
  elseAll?: boolean
  /** Keys of the configuration's sections that are others in this phase: of scratch_config.yaml, and of sft_config.yaml. */
  scratch?: Overrides
  downloaded?: Overrides
}

/** By section of a trainer's configuration: `{training: {decay: 0}}`. */
export type Overrides = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/**
 * A second, smaller model of the same rows, which only tells them apart: it reads what the model reads and answers with one label. What it takes
 * a question for speaks against answers of other labels.
 */
export interface Companion {
  /** In the names of files and stages; also the one key of its answers: {"intent":"retry"}. */
  name: string
  title: string
  /** What it tells apart. All other answers are null to it: it learns to know them, and says nothing of them. */
  labels: readonly string[]
  /** The label of an answer, as a row stores it or as it is predicted. */
  labelOf(output: string): string | null
  /** The system turn of chat bases. */
  systemText: string
  phases: readonly Phase[]
}

/** How an answer to a row of the validation split went. */
export interface Outcome {
  row: Row
  /** The error's name; absent when the answer was right. */
  error?: string | undefined
  /** Calibrated, 0 to 1. */
  confidence: number
  /** How much more than for its error is to be written like its row, because of gates that the validation rows miss; in errors. */
  forGates?: number
}

/** What a further round of a training may ask for. */
export interface RoundOptions {
  /** The plan that the training began with. */
  briefs: readonly Brief[]
  /** Briefs at most. */
  count: number
  seed: number
  /** 1 or more: its examples are others than those of the rounds before. */
  round: number
}

export interface PlanOptions {
  /** Total rows; undefined: the family's own count. */
  count?: number | undefined
  seed: number
}

/** Shares of the splits, adding up to 1. */
export type Ratios = Readonly<Record<'train' | 'validation' | 'calibration' | 'test', number>>

/**
 * Everything the house knows about a kind of task. A new kind is one implementation and one line in `tasks/index.ts`.
 * `S` is the parsed schema; every function is pure and deterministic.
 */
export interface TaskFamily<S = any> {
  readonly kind: string
  /** @throws InputError with file, line, column, what was expected, what was found, what to do. */
  parse(source: SchemaSource): S
  /**
   * The schema's text with the files it refers to written into it: from there on it holds all it needs, in the store, on other hosts and beside the
   * model. Absent where a schema refers to none. @param folder where the schema's file stands @throws InputError
   */
  gather?(source: SchemaSource, folder: string): string
  /** What a person should know of a schema that is right: files that were left out, for instance. */
  notes?(schema: S): string[]
  /** Files of rows that people's use leaves, and folders of them, relative to the schema's file: read at the start of every train as imports are. */
  logs?(schema: S): readonly string[]
  /** One line for `clitron schemas`. */
  describe(schema: S): { title: string; counts: Record<string, number> }

  /** How rows are annotated, and how they are varied, a rule a line: for the documentation of a dataset. */
  guidelines?(schema: S): { annotation: string[]; augmentation: string[] }

  // --- data
  plan(schema: S, options: PlanOptions): Brief[]
  /** How many briefs `plan` makes unless told otherwise. */
  usualCount(schema: S): number
  /** How many examples the schema itself asks for, whatever teacher and base; undefined where it leaves that open. */
  wantedCount?(schema: S): number | undefined
  teacherRequest(schema: S, briefs: Brief[]): TeacherRequest
  /** Turns the teacher's structured output into rows, one per brief where it can be matched; unreadable entries become problems. */
  fromTeacher(schema: S, briefs: Brief[], answer: unknown): { row?: Row; brief?: Brief; problems: Problem[] }[]
  writeOffline(schema: S, brief: Brief, seed: number): Row
  /** What more is to be written after these answers, right and wrong ones; more of the first two `slices` of what failed where absent (more-like.ts). */
  reinforce?(schema: S, outcomes: readonly Outcome[], options: RoundOptions): Brief[]
  /** Empty when the row may be trained on. */
  validate(schema: S, row: Row): Problem[]
  /** What a dataset must reach, measured over all rows as they were written, rejected ones too; one that is missed ends the run. */
  quality?(schema: S, rows: readonly Row[]): QualityCheck[]
  /** Reads a row in any of the forms people have ({instruction, output}, {instruction, command}, {question, answer} …). @throws InputError */
  fromForeign(schema: S, record: Record<string, unknown>): Row
  /** A row as a record of one of the datasets of the family's document, by the dataset's name, with all that follows from it; undefined for rows that none of them has. */
  toRecord?(schema: S, row: Row): { dataset: string; record: Record<string, unknown> } | undefined
  /** Text by which near-duplicates are found. */
  fingerprint(schema: S, row: Row): string
  /** What of the schema a row exercises, for coverage counts: "subcommand pr view", "argument pr view --number", "context git.current_pr". */
  coverage?(schema: S, row: Row): string[]
  /** Every label that `coverage` can give, so that what no row exercises is counted too. */
  coverable?(schema: S): string[]
  copiedValues(schema: S, row: Row): CopiedValue[]
  /** Wrong answers that look right: one argument, flag or command off. `salt` makes the choice deterministic. */
  nearMisses(schema: S, row: Row, salt: number): string[]
  /** Shares of the splits, adding up to 1; the house's own (src/dataset/split.ts) where absent. Of held-out splits that are larger than they need to be, rows from everywhere are scored. */
  readonly ratios?: Ratios
  /** What the schema itself says of its splits: their shares, and the slices by which they are stratified. */
  splits?(schema: S): { ratios: Ratios; balance: readonly string[] } | undefined
  /** How many times as long as a request of one sentence (some 50 tokens with its answer) a row is, about; 1 where absent. A model from scratch reads so many fewer of them at a time. */
  readonly rowLength?: number
  /** Where in an instruction its writer begins to speak; 0 where absent. A mail's sender stands before, and a "hey" before that would be another sender. */
  wordsBegin?(instruction: string): number
  /** The parts of the training, one after the other, each going on from the weights of the one before; all rows at once where absent. */
  phases?(schema: S): Phase[]
  /** How many steps all phases of a model take together at most, from scratch and of a downloaded base; as many as are configured where absent. */
  mostSteps?(schema: S): { scratch: number; downloaded: number }
  /** The model that is trained beside the first one. */
  companion?(schema: S): Companion
  /** What of the training is searched for, and for which base, where the schema says so. */
  searchSpace?(schema: S): { base: string; space: Space } | undefined
  /** Largest share of a slice's rows that the split keeps together for reading alike; the house's own bound (src/dataset/split.ts) where absent. */
  readonly groupShare?: number
  /** The same request with other contexts, each with the answer that is right there, the same one or another. Deterministic. */
  otherContexts?(schema: S, row: Row): Row[]
  /** Ways to make further rows of one that people wrote; its rows are never varied where absent. */
  readonly variations?: Variations<S>
  /** How many variants of each imported training row the schema asks for, and in which ways; none where undefined. */
  augmentation?(schema: S): Augmentation | undefined
  /** Slices that follow from a row itself, for scores; what the row's own slice says goes before them. */
  derivedSlices?(schema: S, row: Row): Record<string, string>
  /** Slices whose counts and scores are reported, e.g. ["command", "case", "context", "phrasing"]. */
  readonly slices: readonly string[]

  // --- model
  /** The user's turn. The one renderer of training, evaluation, serving and export. */
  userText(schema: S, instruction: string, context: Row['context']): string
  /** The system turn of chat bases; the from-scratch model has none. */
  systemText(schema: S): string
  /** The canonical answer, one string for all outputs that mean it: key order, defaults dropped, no confidence. @throws when output does not validate */
  completion(schema: S, output: string): string
  /** The answer as trained on and predicted: the canonical one, its parts in the order of the output where order means nothing. @throws when output does not validate */
  target(schema: S, output: string): string
  /** GBNF that accepts every target (llama.cpp's dialect), compact, no white space. */
  grammar(schema: S): string
  /** The grammar narrowed to values that the user's text holds, for a second look at one question; undefined where that is not worth it. */
  copyingGrammar?(schema: S, grammar: string, text: string): string | undefined
  /** What speaks against a completion, as far as the user's text tells (values nobody said, values said and left out), in nats; 0: nothing. */
  doubts?(schema: S, completion: string, text: string): number
  /** The user's text as it may have been meant, misspelt words put right, beside the answer to it as it stands; undefined where there is nothing to put right. */
  otherReading?(schema: S, text: string, completion: string): string | undefined
  /** JSON Schema of an answer. */
  outputSchema(schema: S): Record<string, unknown>
  /** Strings of completions that the from-scratch tokenizer keeps as single tokens. */
  pieces(schema: S): string[]

  // --- answers
  score(schema: S, completion: string, row: Row): Score
  /** An answer without a model, by a search in what the schema holds: what a model has to beat. */
  lookup?(schema: S, instruction: string, context: Row['context']): string
  /** The family's own figures for one answer, each 0 to 1; one that cannot be told of this row is left out. The report shows the means. `score` is what it got; an answer that did not end is ''. */
  metrics?(schema: S, completion: string, row: Row, score: Score): Record<string, number>
  /**
   * What an answer (as stored or as predicted) is foremost one of, by its name for people: which classes are taken for which is reported. `of` is
   * undefined for answers that have none, and never throws.
   */
  readonly classes?: { readonly name: string; of(schema: S, output: string): string | undefined }
  /** By the name of an error of `score`, the category it is counted in beside its name; those not named here are "other". */
  readonly errorCategories?: Readonly<Record<string, string>>
  /** What the schema demands of its models, by figures of `metrics` too; nothing where absent. */
  gates?(schema: S): SchemaGates
  /** The answer as shown to people and programs, with the calibrated confidence written in. */
  answer(schema: S, completion: string, confidence: number): unknown
  /**
   * For who judges answers by their words (`eval --judge`): the parts of the schema's sources that these outputs of one question rest on, and those that
   * a search finds for it, in an order that tells nobody's. Absent where answers have no sources but their question and its context.
   */
  evidence?(schema: S, row: Row, outputs: readonly string[]): { id: string; text: string }[]
  /** What people do with answers; they run them where absent. */
  readonly answersAre?: 'run' | 'read'
  /** May this answer ever be executed? (a clarification may not) */
  executable(schema: S, completion: string): boolean
  /** Which negative case a clarification is for, in the words of the slice `case`; undefined for other answers. */
  clarificationCase?(schema: S, completion: string): string | undefined
  /** What else may have been meant, the answer's own command first: shown when the model is not sure of it. */
  alternatives?(schema: S, completion: string, instruction: string): Suggestion[]
  /** The command to run; undefined for answers that are not commands. */
  commandLine?(schema: S, completion: string): CommandLine | undefined
  /** A file that is asked about (`ask --data`), with the words beside it, as a question; where absent, its text follows the words. @throws InputError with file, line and column */
  readQuestion?(schema: S, source: { file: string; text: string }, words: string): Pick<Row, 'instruction' | 'context'>
  /** What `inspect --data` finds out of a folder of people's own files, and a file about them. Reads, writes nothing. @throws InputError when there is nothing to read */
  inspectFolder?(schema: S, where: { folder: string; analysis?: string | undefined }, hooks: Hooks): Promise<Inspection>
  /** Made-up files of the kind that `inspectFolder` reads, with known truth; the same for the same seed. */
  makeFolder?(schema: S, options: { count: number; seed: number }): Iterable<{ file: string; content: string }>
  /** Context that `ask` may collect by itself, in the folder it stands in; never the network. */
  collectContext?(schema: S, cwd: string): Promise<Row['context']>
}
