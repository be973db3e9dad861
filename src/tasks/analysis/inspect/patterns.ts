import { markersIn, valuesIn, indicatorsIn } from '../indicators.ts'
import type { AnalysisSchema } from '../schema.ts'
import type { FoundAnalysis } from './analyses.ts'
import { Counter, round, shapeOf, wordsOf } from './counting.ts'
import type { BatchRecord } from './records.ts'

interface Phrase { words: string; batches: number; share: number; elsewhere: number }

/** Phrases that stand in fewer analysed batches say nothing. */
const fewest = 3
const shownPhrases = 15

/**
 * How states, entities and priorities can be told: what the schema declares and how often it is right, and what the analysed batches teach
 * beside it. A phrase is one word or two; its share is that of the batches of a state that have it, `elsewhere` that of all others.
 */
export class PatternLibrary {
  readonly #schema: AnalysisSchema
  readonly #phrases = new Map<string, Counter>()
  readonly #batches = new Counter()
  readonly #indicators = new Map<string, { said: number; right: number }>()
  readonly #shapes = new Map<string, Counter>()
  readonly #before = new Map<string, Counter>()
  readonly #patterned = new Map<string, { named: number; matched: number }>()
  readonly #priorities = new Map<string, { all: number; marked: number; deadline: number; words: Counter }>()

  constructor(schema: AnalysisSchema) {
    this.#schema = schema
  }

  add({ text }: BatchRecord, { state, priority, entities, hasDeadline }: FoundAnalysis): void {
    if (state !== undefined) this.#learnState(text, state)
    this.#learnEntities(text, entities)
    if (priority !== undefined) this.#learnPriority(text, priority, hasDeadline)
  }

  #learnState(text: string, state: string): void {
    this.#batches.add(state)
    const words = wordsOf(text.split('\n').at(-1)!)
    const counter = this.#phrases.get(state) ?? this.#phrases.set(state, new Counter()).get(state)!
    for (const phrase of new Set([...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)])) counter.add(phrase)
    for (const [named, found] of Object.entries(indicatorsIn(this.#schema, text))) {
      for (const word of new Set(found)) {
        const key = `${named}: ${word}`
        const known = this.#indicators.get(key) ?? this.#indicators.set(key, { said: 0, right: 0 }).get(key)!
        known.said++
        if (named === state) known.right++
      }
    }
  }

  #learnEntities(text: string, entities: FoundAnalysis['entities']): void {
    const sure = new Set(valuesIn(this.#schema, text).map(({ type, value }) => `${type} ${value}`))
    for (const [type, values] of Object.entries(entities)) {
      const shapes = this.#shapes.get(type) ?? this.#shapes.set(type, new Counter()).get(type)!
      const before = this.#before.get(type) ?? this.#before.set(type, new Counter()).get(type)!
      const patterned = this.#patterned.get(type) ?? this.#patterned.set(type, { named: 0, matched: 0 }).get(type)!
      for (const value of values) {
        // Names have no shape, and are nobody's business here.
        if (/\d/.test(value)) shapes.add(shapeOf(value).slice(0, 40))
        const at = text.indexOf(value)
        const word = at > 0 ? wordsOf(text.slice(Math.max(0, at - 30), at)).at(-1) : undefined
        if (word !== undefined) before.add(word)
        patterned.named++
        if (sure.has(`${type} ${value}`)) patterned.matched++
      }
    }
  }

  #learnPriority(text: string, priority: string, hasDeadline: boolean): void {
    const known = this.#priorities.get(priority) ?? this.#priorities.set(priority, { all: 0, marked: 0, deadline: 0, words: new Counter() }).get(priority)!
    const declared = this.#schema.priorities.find(({ name }) => name === priority)
    const markers = declared ? markersIn(this.#schema, declared, text) : []
    known.all++
    known.marked += Number(markers.length > 0)
    known.deadline += Number(hasDeadline)
    for (const word of new Set(markers)) known.words.add(word)
  }

  document(): Record<string, unknown> {
    const all = this.#batches.entries().reduce((sum, [, count]) => sum + count, 0)
    const total = new Counter()
    for (const counter of this.#phrases.values()) for (const [phrase, count] of counter.entries()) total.add(phrase, count)
    const states = Object.fromEntries(this.#batches.entries().map(([state, batches]) => [state, { batches, phrases: this.#telling(state, batches, all, total) }]))
    const indicators = [...this.#indicators].map(([name, { said, right }]) => ({ indicator: name, batches: said, right: round(right / said) })).sort((a, b) => b.batches - a.batches)
    return {
      states,
      indicators: indicators.slice(0, 200),
      entities: Object.fromEntries([...this.#shapes].map(([type, shapes]) => {
        const { named, matched } = this.#patterned.get(type)!
        return [type, { values: named, found_by_declared_patterns: named ? round(matched / named) : null, shapes: shapes.top(12), word_before: this.#before.get(type)!.top(12) }]
      })),
      priorities: Object.fromEntries([...this.#priorities].map(([name, { all: count, marked, deadline, words }]) => [name, { batches: count, with_declared_words: round(marked / count), with_a_deadline: round(deadline / count), words: words.top(20) }])),
    }
  }

  /** The phrases that tell a state from the others, by their log-odds (one added to each count), those of many batches first among equals. */
  #telling(state: string, batches: number, all: number, total: Counter): Phrase[] {
    const found = this.#phrases.get(state)!.entries().filter(([, count]) => count >= Math.max(fewest, batches / 100)).map(([words, count]) => {
      const others = total.get(words) - count
      return { words, batches: count, share: round(count / batches), elsewhere: round(others / Math.max(1, all - batches)), weight: Math.log(((count + 1) / (batches + 2)) / ((others + 1) / (all - batches + 2))) * Math.sqrt(count) }
    })
    return found.sort((a, b) => b.weight - a.weight).slice(0, shownPhrases).map(({ weight: _, ...phrase }) => phrase)
  }
}
