import type { Token } from 'node-llama-cpp'
import type { Row } from '../dataset/row.ts'
import { InputError } from '../errors.ts'
import { countsForConfidence } from '../tasks/doubt-weight.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { loadCompanion, type CompanionFile, type LoadedCompanion, type Opinion } from './companion.ts'
import { Engine, type EngineOptions, type Generation } from './engine.ts'
import { compileGrammar, type Constraint } from './llama.ts'
import { endTokens, PromptTokenizer } from './prompt-tokenizer.ts'
import { isBeatable, leastProbability, secondLook, sum } from './second-look.ts'
import type { PromptTemplate } from './template.ts'

/** A question longer than this is refused, in characters. */
export const longestQuestion = 4_000
/** An answer is cut here, in tokens, unless the data says how long answers get. */
export const longestAnswer = 768

export interface PredictorOptions extends EngineOptions {
  template: PromptTemplate
  family: TaskFamily
  schema: unknown
  /** GBNF; default: the family's grammar of the schema. */
  grammar?: string | undefined
  /** Completions of the training data: an answer is cut at half again the longest that is found among them. A weak model's endless answer would cost a second. */
  answersLike?: readonly string[] | undefined
  /** The model that is asked beside this one. */
  companion?: CompanionFile | undefined
}

export interface PredictChoices {
  /** false: free greedy decoding, as Ollama would answer; the companion is not asked then. */
  grammar?: boolean | undefined
  /** How much the companion's word counts, in place of what was loaded with it; 0: it is not asked. */
  weight?: number | undefined
}

export interface Prediction {
  completion: string
  /** The raw score that confidence is calibrated from: exp(logProbability) less what speaks against the answer; 0 when it was cut. */
  probability: number
  /** Sum over the string's tokens and the end, in nats, as the model gives them without the grammar. */
  logProbability: number
  /** Tokens of the completion, the end not counted. */
  tokens: number
  /** False when the answer did not end by itself: never trust such an answer. */
  endedByEos: boolean
  latencyMs: number
  /** The answer of free decoding, where the grammar had nothing to refuse on the way: nobody has to ask for it. */
  alone?: Pick<Prediction, 'completion' | 'endedByEos'> | undefined
  /** What the companion takes the question for, where it was asked. */
  opinion?: Pick<Opinion, 'label' | 'probability'> | undefined
}

/** Without its time; with what speaks against it. */
type Answered = Omit<Prediction, 'latencyMs' | 'probability'> & { doubts: number }

export interface Predictor {
  readonly engine: Engine
  /** So many questions at a time are worth asking. */
  readonly atOnce: number
  /**
   * The one way from a question to an answer: `ask`, the server and the evaluation all use it.
   * @throws InputError when the question is empty or too long
   */
  predict(instruction: string, context: Row['context'], choices?: PredictChoices): Promise<Prediction>
  /** The same from a rendered user text. */
  predictText(text: string, choices?: PredictChoices): Promise<Prediction>
  /** @throws InputError when prompt and answer do not fit the model's context */
  promptTokens(text: string): Token[]
  close(): Promise<void>
}

/** @throws InputError for a question no model can answer */
export function checkInstruction(instruction: string): void {
  if (instruction.trim() === '') throw new InputError('The question is empty; say what should be done, like "show my open pull requests".')
  if (instruction.length > longestQuestion) {
    throw new InputError(`The question has ${instruction.length.toLocaleString('en')} characters; at most ${longestQuestion.toLocaleString('en')} are read. Shorten it.`)
  }
}

/** The answer; undefined for a question that the predictor refuses (too long). One such row among thousands must not end a run. */
export async function unlessRefused(asked: Promise<Prediction>): Promise<Prediction | undefined> {
  try {
    return await asked
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return undefined
  }
}

/** The same where a refused question counts as a wrong answer; nobody got what they asked for. */
export const answerOrNone = async (asked: Promise<Prediction>): Promise<Prediction> =>
  (await unlessRefused(asked)) ?? { completion: '', probability: 0, logProbability: -Infinity, tokens: 0, endedByEos: false, latencyMs: 0 }

/**
 * Loads a GGUF as a predictor of one training.
 * @throws InputError when the GGUF or its template cannot be used
 */
export async function loadPredictor(options: PredictorOptions): Promise<Predictor> {
  const engine = await Engine.load(options)
  try {
    const prompts = new PromptTokenizer(engine, options.template)
    const { end, isEnd } = endTokens(engine, options.template)
    let constrain: Promise<() => Constraint> | undefined
    const { family, schema } = options
    const gbnf = options.grammar ?? family.grammar(schema)
    const grammar = () => (constrain ??= compileGrammar(engine.model, gbnf))
    await Promise.all([grammar(), engine.keepPrefix(prompts.kept)])
    const usualWeight = options.companion?.weight ?? 0
    let loading: Promise<LoadedCompanion> | undefined
    /** One whose word does not count as a rule takes no memory until it is asked. */
    const companion = async () => {
      const known = options.companion && family.companion?.(schema)
      return known && (loading ??= loadCompanion(known, { ...options.companion!, threads: options.threads }))
    }
    if (usualWeight > 0) await companion()

    const cut = options.answersLike?.length ? Math.min(longestAnswer, longestOf(engine, options.answersLike)) : longestAnswer

    /** Where the grammar pushed the model off the usual tokens of its string, the string is scored again as the trainer would have written it. */
    const ofString = async (prompt: Token[], completion: string, tokens: Token[], logProbabilities: number[]) => {
      const usual = engine.answerTokens(completion)
      if (usual.length === tokens.length && usual.every((token, i) => token === tokens[i])) return logProbabilities
      return (await engine.teacherForced(prompt, [...usual, end])).logProbabilities
    }
    /** The grammar of a second look, whose values stand in the text. */
    const narrowedTo = async (text: string) => {
      const copying = family.copyingGrammar?.(schema, gbnf, text)
      return copying === undefined ? grammar() : compileGrammar(engine.model, copying)
    }
    /** The answer to `text`, whose values stand in what was `asked`. */
    const answerTo = async (text: string, { constrained, weight }: { constrained: boolean; weight: number }, asked: string, narrowed: () => Promise<() => Constraint>): Promise<Answered> => {
      const prompt = prompts.tokenize(text)
      const decoding = { isEnd, maxTokens: Math.min(cut, engine.contextSize - prompt.length - 1) }
      const weigh = (generation: Generation) => {
        const completion = engine.model.detokenize(generation.tokens, false)
        return { generation, completion, doubts: constrained ? (family.doubts?.(schema, completion, asked) ?? 0) + weight * (opinion?.against(completion) ?? 0) : 0 }
      }
      // It reads what the model reads.
      const opinion = constrained && weight > 0 ? await (await companion())?.opinion(text) : undefined
      const first = weigh(await engine.generate(prompt, constrained ? { ...decoding, constraint: (await grammar())(), alternatives: engine.notesAlternatives ? leastProbability : undefined } : decoding))
      const best = constrained && isBeatable(first) ? await secondLook(first, { engine, prompt, ...decoding, constrain: await narrowed(), weigh }) : first
      const { generation: { tokens, logProbabilities, ended }, completion, doubts } = best
      const logProbability = ended ? sum(await ofString(prompt, completion, tokens, logProbabilities)) : -Infinity
      const alone = first.generation.forced ? undefined : { completion: first.completion, endedByEos: first.generation.ended }
      return { completion, logProbability, tokens: tokens.length, endedByEos: ended, doubts, alone, ...(opinion && { opinion: { label: opinion.label, probability: opinion.probability } }) }
    }
    const predictText: Predictor['predictText'] = async (text, { grammar: constrained = true, weight = usualWeight } = {}) => {
      const started = performance.now()
      let copying: Promise<() => Constraint> | undefined
      const narrowed = () => (copying ??= narrowedTo(text))
      const first = await answerTo(text, { constrained, weight }, text, narrowed)
      let best = first
      const meant = constrained ? family.otherReading?.(schema, text, best.completion) : undefined
      if (meant !== undefined) {
        const other = await answerTo(meant, { constrained, weight }, text, narrowed)
        if (other.logProbability - other.doubts > best.logProbability - best.doubts) best = other
      }
      const { doubts, ...answer } = best
      return { ...answer, alone: first.alone, probability: Math.min(1, Math.exp(answer.logProbability - countsForConfidence * doubts)), latencyMs: performance.now() - started }
    }
    return {
      engine,
      atOnce: 1,
      predictText,
      predict: async (instruction, context, choices) => {
        checkInstruction(instruction)
        return predictText(family.userText(schema, instruction, context), choices)
      },
      promptTokens: (text) => prompts.tokenize(text),
      close: async () => {
        await loading?.then((loaded) => loaded.close(), () => {})
        await engine.close()
      },
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** So many of the longest answers in characters, and as many of all, tell how many tokens they get. */
const measuredAnswers = 1_000

/** Half again the longest that is found among these completions, in tokens. (A long string may be few tokens: a clarification is a handful of pieces.) */
function longestOf({ model }: Engine, completions: readonly string[]): number {
  const different = [...new Set(completions)].sort((a, b) => b.length - a.length)
  const every = Math.ceil(different.length / measuredAnswers)
  let longest = 0
  for (const text of different.filter((_, index) => index < measuredAnswers || index % every === 0)) longest = Math.max(longest, model.tokenize(text, false).length)
  return Math.ceil(1.5 * longest) + 8
}
