import type { Json, Scalar } from './json.ts'

/** What values a parameter takes. */
export type Shape =
  | { kind: 'text'; pattern?: string | undefined; minLength: number; maxLength: number }
  | { kind: 'number'; integer: boolean; minimum?: number | undefined; maximum?: number | undefined }
  /** An enum, a constant, a boolean, null. */
  | { kind: 'choice'; values: Scalar[] }
  /** `unique`: the order of its items means nothing. */
  | { kind: 'list'; items: Node; least: number; most: number; unique: boolean }
  /** `least`: so many of its properties have to be there, if none of them is required. */
  | { kind: 'object'; properties: Property[]; least: number }
  /** Keys of the person's own. */
  | { kind: 'map'; values: Node }
  | { kind: 'any'; options: Node[] }

/** A parameter, or a part of one. */
export interface Node {
  shape: Shape
  description: string
  /** Absent: the tool assumes nothing. */
  default?: Json | undefined
  format?: string | undefined
  examples: Json[]
  synonyms: string[]
  valueSynonyms: Record<string, string[]>
  derived: boolean
}

export interface Property {
  name: string
  node: Node
  /** Without it the call is not allowed; never together with a default. */
  required: boolean
}

/** A whole request, with slots in braces, and what its words imply. */
export interface Phrase {
  say: string
  parameters: Record<string, Json>
}

export interface Tool {
  name: string
  description: string
  synonyms: string[]
  phrases: Phrase[]
  parameters: Property[]
}

/** "set_light", "setLight" as people say them: "set light". */
export const humanized = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/[-_./]+/g, ' ').trim().toLowerCase()

/** How a value of a choice is written in `value_synonyms`. */
export const keyOf = (value: Scalar): string => String(value)

/** Other words for a value. A value may be named like a member of every object: "constructor". */
export const synonymsOf = (node: Node, value: Scalar): string[] => (Object.hasOwn(node.valueSynonyms, keyOf(value)) ? node.valueSynonyms[keyOf(value)]! : [])

const plain = { description: '', examples: [], synonyms: [], valueSynonyms: {}, derived: false }

/** A call's parameters as one value. */
export const objectOf = (properties: Property[]): Node => ({ ...plain, shape: { kind: 'object', properties, least: 0 } })

/** Any text of so many characters at most. */
export const textOf = (maxLength: number): Node => ({ ...plain, shape: { kind: 'text', minLength: 1, maxLength } })

/** Signs of a name that separate paths in plans and phrases, and what stands for them there. */
const lookalikes: readonly (readonly [string, string])[] = [['.', '\u2024'], [',', '\u201a']]

/** The path of a parameter within another ("when.date"); `before` is empty for one of the tool's own. */
export const pathOf = (before: string, name: string): string => (before === '' ? '' : `${before}.`) + lookalikes.reduce((text, [sign, other]) => text.replaceAll(sign, other), name)

/** The names along a path. */
export const namesOn = (path: string): string[] => path.split('.').map((step) => lookalikes.reduce((text, [sign, other]) => text.replaceAll(other, sign), step))
