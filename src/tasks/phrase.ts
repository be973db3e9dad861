import type { Random } from '../teacher/random.ts'
import { escapeRegExp } from '../text.ts'

/** A slot of a phrase: `{condition:not}` is the parameter `condition`, said as its opposite. */
export interface Slot { name: string; style: string | undefined }

const slot = /\{([A-Za-z_]\w*)(?::([a-z ]+))?\}/g

export const slotsOf = (say: string): Slot[] => [...say.matchAll(slot)].map(([, name, style]) => ({ name: name!, style }))

/** One of the choices `[one|another|]` of each place. */
export const chosen = (say: string, r: Random): string => say.replace(/\[([^[\]]*)\]/g, (_all, choices: string) => r.pick(choices.split('|')))

/** The slots filled. */
export const filled = (say: string, fill: (slot: Slot) => string): string => say.replace(slot, (_all, name: string, style?: string) => fill({ name, style }))

/** The words of a phrase that are its own, without slots and choices. */
export const wordsOf = (say: string): string[] => say.replace(slot, ' ').toLowerCase().match(/[a-z]{2,}/g) ?? []

/** A template such as "upper({column})" with its slots as they are called. */
export const inserted = (template: string, values: Record<string, unknown>): string => Object.entries(values).reduce((text, [name, value]) => text.replace(new RegExp(escapeRegExp(`{${name}}`), 'g'), () => String(value)), template)
