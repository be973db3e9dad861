import type { Row } from '../dataset/row.ts'
import { family as familyOf } from '../tasks/index.ts'
import type { Suggestion, TaskFamily } from '../tasks/family.ts'
import { openBundle, type Bundle } from './bundle.ts'
import { calibrate } from './calibration.ts'
import type { EngineOptions } from './engine.ts'
import { llama, tinyBytes } from './llama.ts'
import { loadPredictor, type Prediction, type Predictor } from './predictor.ts'
import { actionFor, type Action } from './thresholds.ts'

export interface Answer {
  /** The answer with its calibrated confidence written in; null when the model did not come to an end. */
  output: unknown
  /** The shell line that does what was asked; null when the answer is no command. */
  line: string | null
  /** The same for a process without a shell. */
  argv: string[] | null
  /** So many words at the end of `argv` are a command that the program hands on to another, as behind the `--` of `kubectl exec`. */
  handed_on?: number
  /** Calibrated, 0 to 1. */
  confidence: number
  action: Action
  /** With the action `clarify`, commands to choose from, the model's own first. */
  suggestions: Suggestion[]
  /** What the second model takes the question for, with its probability, where there is one: it counted for or against the answer. */
  opinion?: Prediction['opinion']
  /** Rendering, decoding and scoring; loading not counted. */
  latency_ms: number
}

/** A loaded bundle. */
export interface Asker {
  bundle: Bundle
  family: TaskFamily
  schema: unknown
  predictor: Predictor
  /** @throws InputError when the question is empty or too long */
  ask(instruction: string, context?: Row['context']): Promise<Answer>
  close(): Promise<void>
}

/**
 * Opens a bundle (folder, GGUF in one, or `.tgz`) for asking.
 * @throws InputError when the bundle cannot be used
 */
export async function loadAsker(path: string, options: Omit<EngineOptions, 'gguf'> = {}): Promise<Asker> {
  const bundle = await openBundle(path)
  // llama.cpp takes a quarter of a second to start: meanwhile the schema is read.
  void llama(bundle.manifest.files.model.bytes >= tinyBytes).catch(() => {})
  const family = familyOf(bundle.manifest.kind)
  const schema = family.parse({ name: bundle.manifest.name, file: bundle.manifest.files.schema.file, text: bundle.schemaText })
  const predictor = await loadPredictor({ ...options, gguf: bundle.gguf, template: bundle.template, grammar: bundle.grammar, companion: bundle.companion, family, schema })
  return {
    bundle,
    family,
    schema,
    predictor,
    close: () => predictor.close(),
    async ask(instruction, context = null) {
      const started = performance.now()
      const { completion, probability, endedByEos, opinion } = await predictor.predict(instruction, context)
      const confidence = calibrate(bundle.calibration, probability)
      const command = endedByEos ? family.commandLine?.(schema, completion) : undefined
      const executable = endedByEos && family.executable(schema, completion)
      const action = actionFor(confidence, executable, bundle.thresholds)
      return {
        output: endedByEos ? family.answer(schema, completion, confidence) : null,
        line: command?.line ?? null,
        argv: command?.argv ?? null,
        ...(command?.handedOn && { handed_on: command.handedOn }),
        confidence,
        action,
        suggestions: action === 'clarify' && endedByEos ? family.alternatives?.(schema, completion, instruction) ?? [] : [],
        ...(opinion && { opinion }),
        latency_ms: performance.now() - started,
      }
    },
  }
}

/** One question, loading included; for many, keep an asker. */
export async function ask({ bundle, instruction, context = null }: { bundle: string; instruction: string; context?: Row['context'] }): Promise<Answer> {
  const asker = await loadAsker(bundle)
  try {
    return await asker.ask(instruction, context)
  } finally {
    await asker.close()
  }
}
